// The same messages on the way that people build today: Mosquitto, a bridge, InfluxDB.
import { type ChildProcess, fork, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "../../test/support/free-port.ts"
import { startInflux } from "../line-protocol/servers.ts"
import { cpuMs } from "./plant.ts"
import { startOf } from "./rings.ts"

export interface Peer {
  readonly name: string
  /** Written by InfluxDB. */
  readonly samplesPerSecond: number
  /** Of broker, bridge and database together. */
  readonly perCpuSecond: number
}

/** Messages that may wait at the broker: with more, its queue is measured. */
const mostAhead = 4000

/** Undefined where a peer is not installed. */
export async function measurePeer(of: {
  nodes: number
  metrics: number
  seconds: number
  /** `metric`: a line for each, with its own time; `message`: one for all, possible where all have the same. */
  lines: string
}): Promise<Peer | undefined> {
  const influx = await startInflux()
  if (!influx) return undefined
  const folder = await mkdtemp(join(tmpdir(), "moru-bench-mosquitto-"))
  const port = await freePort()
  const { nodes, metrics, seconds, lines } = of
  try {
    const broker = await startMosquitto(folder, port)
    const at = (file: string) => join(import.meta.dirname, file)
    const bridge = fork(at("bridge.ts"), [
      JSON.stringify({ broker: port, influx: influx.url, lines }),
    ])
    await once(bridge, "message")
    const order = { port, nodes, metrics, start: startOf(Date.now()), window: 100 }
    const publishers = fork(at("publishers.ts"), [JSON.stringify(order)])
    await once(publishers, "message")
    let samples = 0
    bridge.on("message", (said: { written: number; samples: number }) => {
      samples = said.samples
      publishers.send({ most: said.written + mostAhead })
    })
    publishers.send({ most: mostAhead })
    publishers.send({ seconds, warmSeconds: 3 })
    await once(publishers, "message")
    const cpu = async () =>
      (await influx.cpuMs()) + (await cpuMs(broker.pid)) + (await cpuMs(bridge.pid))
    const [from, cpuFrom, before] = [performance.now(), await cpu(), samples]
    await once(publishers, "message")
    const [ms, cpuUsed, seen] = [
      performance.now() - from,
      (await cpu()) - cpuFrom,
      samples - before,
    ]
    bridge.removeAllListeners("message")
    for (const child of [publishers, bridge, broker]) child.kill("SIGKILL")
    return {
      name: "mosquitto, bridge, influxdb",
      samplesPerSecond: Math.round((seen / ms) * 1000),
      perCpuSecond: Math.round((seen / cpuUsed) * 1000),
    }
  } finally {
    await influx.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function startMosquitto(folder: string, port: number): Promise<ChildProcess> {
  const config = join(folder, "mosquitto.conf")
  const limits = ["max_inflight_messages 0", "max_queued_messages 0", "set_tcp_nodelay true"]
  const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "user root", ...limits]
  await writeFile(config, `${lines.join("\n")}\n`)
  const child = spawn("mosquitto", ["-c", config], { stdio: "ignore" })
  process.once("exit", () => child.kill("SIGKILL"))
  await new Promise((resolve) => setTimeout(resolve, 500))
  return child
}
