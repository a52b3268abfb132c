import { join } from "node:path"
import { connectors } from "./connect/registry.ts"
import { exporters, sqlEngine } from "./exchange/registry.ts"
import { SystemClock } from "./kernel/clock/system.ts"
import type { Component } from "./kernel/component.ts"
import { loadPlant } from "./kernel/config/load.ts"
import { PlantWatch } from "./kernel/config/watch.ts"
import type { LoadedPlant, LoadRequest } from "./kernel/config.ts"
import { nodeFiles } from "./kernel/files/node.ts"
import { timedIds } from "./kernel/ids.ts"
import type { Log } from "./kernel/log.ts"
import type { HostAndPort } from "./kernel/network.ts"
import { seededRandom } from "./kernel/random.ts"
import type { Plant } from "./model/plant.ts"
import { Problem } from "./model/problem.ts"
import { type BackupAsked, runningBackup } from "./moru/backup/running.ts"
import { openDataFolder } from "./moru/data-folder.ts"
import { FaultPlayer, readFaults, type TimedOrder } from "./moru/faults.ts"
import { loadKinds, typeFolder } from "./moru/kinds.ts"
import { type Loop, openLoop, startAll } from "./moru/loop.ts"
import { Machines } from "./moru/machines.ts"
import { openPlantClock, PlantClockKeeper } from "./moru/plant-clock.ts"
import { plantHost } from "./moru/plant-host.ts"
import { version } from "./moru/version.ts"
import { HttpServer } from "./serve/http/server.ts"
import type { Listen, ServeParts } from "./serve/serve.ts"
import { openStore, type SqliteStore } from "./store/sqlite/store.ts"

export interface MoruOptions {
  readonly plantFolder: string
  readonly dataFolder: string
  readonly listen: Listen
  /** How fast plant time runs; more than 1 only where all machines are simulated. */
  readonly speed: number
  /** Of the simulated machines; drawn and printed where absent. */
  readonly seed?: number
  /** File with a schedule of faults for the simulated machines. */
  readonly faults?: string
  readonly log: Log
  readonly env: Readonly<Record<string, string | undefined>>
  /** Prints a line on the console. */
  readonly announce: (line: string) => void
}

export interface Moru {
  /** Address of the screens. */
  readonly url: string
  /** Of the simulated machines. */
  readonly seed: number
  /** Stops all parts in the opposite order of their start. Never throws. */
  stop(): Promise<void>
}

const root = join(import.meta.dirname, "..")

/**
 * The composition root: reads the plant, opens every part in the order of the house and hands each what it needs.
 * Throws a Problem where the plant's files are wrong, the data folder is in use or the port is taken.
 */
export async function openMoru(options: MoruOptions, signal: AbortSignal): Promise<Moru> {
  const { plantFolder, dataFolder, log, announce, speed } = options
  const request: LoadRequest = {
    ...{ folder: plantFolder, typeFolder, files: nodeFiles, env: options.env },
    kinds: await loadKinds(),
  }
  const read = plantIn(await loadPlant(request), announce)
  checkSpeed(read.plant, speed)
  const orders = await faultsIn(options.faults, read.plant, announce)
  await openDataFolder(dataFolder, nodeFiles)
  const clock = await openPlantClock(dataFolder, nodeFiles, speed)
  const store = await openStore({ folder: dataFolder, node: "plant", clock, files: nodeFiles, log })
  try {
    const house = new House(options, { clock, store })
    return await house.open(request, { ...read, orders }, signal)
  } catch (thrown) {
    await store.close()
    throw thrown
  }
}

interface Ground {
  readonly clock: SystemClock
  readonly store: SqliteStore
}

type ReadPlant = LoadedPlant & { readonly plant: Plant }

type ReadHouse = ReadPlant & { readonly orders: readonly TimedOrder[] }

/** What stands once the ground is laid: machines, loop, watch over the files, server. */
class House {
  readonly #options: MoruOptions
  readonly #ground: Ground
  #loop: Loop | undefined
  #plant: Plant | undefined

  constructor(options: MoruOptions, ground: Ground) {
    this.#options = options
    this.#ground = ground
  }

  async open(request: LoadRequest, read: ReadHouse, signal: AbortSignal): Promise<Moru> {
    const { dataFolder, plantFolder, log } = this.#options
    const { clock, store } = this.#ground
    const host = plantHost(store, (plant) => this.#update(plant))
    const watch = new PlantWatch({ request, host, clock, wall: new SystemClock(), log })
    const plant = await watch.open(read)
    this.#plant = plant
    const seed = this.#options.seed ?? drawnSeed()
    const files = nodeFiles
    const machines = new Machines({
      machines: plant.machines.filter(({ edge }) => edge === undefined),
      ...{ seed, clock, log, folder: join(dataFolder, "machines") },
    })
    const keeper = new PlantClockKeeper({ clock, folder: dataFolder, files, log })
    const control = (name: string) => machines.control(name)
    const faults = new FaultPlayer({ orders: read.orders, control, clock, log })
    // Libraries of protocols are large: they load while the machines start.
    for (const { connector } of plant.devices) connectors[connector]?.().catch(() => {})
    const ground = await startAll([keeper, machines], signal, log)
    try {
      const random = seededRandom(drawnSeed())
      let listens: HostAndPort = this.#options.listen
      const own = () => [listens]
      const loop = await openLoop(
        { ...{ plant, plantFolder, folder: dataFolder, store, clock, random, files, log }, own },
        signal,
      )
      this.#loop = loop
      const others = [keeper, machines, watch, faults]
      const server = new HttpServer(this.#serve(loop, watch, others))
      const top = await startAll([watch, server, faults], signal, log).catch(async (thrown) => {
        await loop.stop()
        throw thrown
      })
      listens = { ...listens, port: listens.port || Number(new URL(server.url).port) }
      this.#welcome({ url: server.url, seed, plant })
      return {
        ...{ url: server.url, seed },
        stop: async () => {
          await top.stop()
          await loop.stop()
          await ground.stop()
          await store.close()
        },
      }
    } catch (thrown) {
      await ground.stop()
      throw thrown
    }
  }

  async #update(plant: Plant): Promise<void> {
    this.#plant = plant
    await this.#loop?.update(plant)
  }

  #serve(loop: Loop, watch: PlantWatch, others: readonly Component[]): ServeParts {
    const { listen, log, speed, announce } = this.#options
    const { clock, store } = this.#ground
    const { history, namespace, metrics, alarms, findings, states, decisions, gate } = loop
    const { trust, connections, edges } = loop
    const wall = new SystemClock()
    return {
      ...{ listen, clock, wall, log, metrics, files: nodeFiles, store, namespace, history },
      ...{ alarms, findings, states, decisions, gate, trust, config: watch, speed, announce },
      ...{
        version,
        cycles: history.cycles,
        exporters,
        sql: sqlEngine(),
        webFolder: join(root, "web", "dist"),
      },
      ids: timedIds(wall, seededRandom(drawnSeed())),
      plant: () => this.#plant ?? failed("the plant is not read yet"),
      devices: {
        list: () => [...connections.devices(), ...edges.devices()],
        browse: (name, signal) => connections.browse(name, signal),
        enter: (entries, by) => connections.enter(entries, by),
        receive: (name, message) => connections.receive(name, message),
        knows: (authorization) => connections.knows(authorization),
        receiveKnown: (message) => connections.receiveKnown(message),
        onHealth: (listener) => connections.onHealth(listener),
      },
      ...{ edges, storage: loop.storage },
      backup: (asked, signal) => this.#backup(asked, signal),
      gaps: { list: () => connections.gaps() },
      health: () => [...loop.parts, ...others].map((c) => ({ name: c.name, health: c.health() })),
      example: (this.#plant?.machines.length ?? 0) > 0,
    }
  }

  #backup(asked: BackupAsked, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { plantFolder, dataFolder } = this.#options
    const plant = { name: this.#plant?.name.en ?? "", folder: plantFolder }
    return runningBackup({ ...this.#ground, ...asked, dataFolder, plant, files: nodeFiles }, signal)
  }

  #welcome({ url, seed, plant }: { url: string; seed: number; plant: Plant }): void {
    const { announce, dataFolder, speed } = this.#options
    announce(`Moru ${version}: ${plant.name.en} is running.`)
    announce(`  Screens   ${url}`)
    announce(`  Data      ${dataFolder}`)
    if (plant.machines.length > 0)
      announce(`  Machines  ${plant.machines.length} simulated, seed ${seed}, speed ${speed}`)
    announce("Ctrl-C stops it.")
  }
}

function plantIn(loaded: LoadedPlant, announce: (line: string) => void): ReadPlant {
  const { plant, problems } = loaded
  if (plant) return { ...loaded, plant }
  throw lastOf(problems, announce)
}

async function faultsIn(
  path: string | undefined,
  plant: Plant,
  announce: (line: string) => void,
): Promise<readonly TimedOrder[]> {
  if (path === undefined) return []
  const { orders, problems } = await readFaults(path, { plant, files: nodeFiles })
  if (problems.length > 0) throw lastOf(problems, announce)
  return orders
}

/** The last problem, to be thrown; those before it are announced. */
function lastOf(problems: readonly Problem[], announce: (line: string) => void): Problem {
  for (const { message, hint } of problems.slice(0, -1)) announce(`${message}\n  ${hint}`)
  return problems.at(-1) ?? new Problem("config-invalid", "plant", "could not be read")
}

function checkSpeed(plant: Plant, speed: number): void {
  if (speed === 1 || plant.machines.length > 0) return
  throw new Problem("option-invalid", "--speed", `got ${speed}, real machines only run at 1`)
}

function drawnSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
}

function failed(what: string): never {
  throw new Error(what)
}
