// A plant folder with an edge that reads files from a drop folder, real processes for both sides, and a line between them to cut.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { connect, createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "./until.ts"

/** Forwards TCP from a port of its own; can be cut, so that what is under way is lost, too. */
export class Line {
  readonly port: number
  isCut = false
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  static async open(target: () => number): Promise<Line> {
    const server = createServer()
    await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens))
    const address = server.address()
    const line = new Line(server, typeof address === "object" ? (address?.port ?? 0) : 0)
    server.on("connection", (socket) => line.#join(socket, target()))
    return line
  }

  cut(): void {
    this.isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.isCut = false
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #join(from: Socket, port: number): void {
    if (this.isCut) return void from.destroy()
    const to = connect(port, "127.0.0.1")
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.#sockets.add(one)
      one.on("error", () => other.destroy())
      one.on("close", () => {
        this.#sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }
}

const plantYaml = (to: number, budget: string) => `
moru: plant
name: A plant with a hall far away
timezone: Asia/Seoul
equipment:
  hall:
    level: site
    name: Hall
    contains:
      tester:
        level: unit
        name: Tester
        device: tester
        tags:
          pressure: { name: Pressure, unit: bar, range: [0, 1e9], address: { file: pressure } }
          note: { name: Note, kind: text, unit: "1", address: { file: note } }
edges:
  hall: { to: "http://127.0.0.1:${to}", budget: ${budget} }
devices:
  tester: { connector: file, edge: hall, options: { folder: drop, time: time, period: 50ms, settle: 50ms } }
`

/** The folder of a plant with an edge, as both sides read it. */
export class EdgePlant {
  readonly folder: string
  readonly edgeData: string
  readonly centreData: string
  #files = 0

  private constructor(folder: string) {
    this.folder = folder
    this.edgeData = join(folder, "edge-data")
    this.centreData = join(folder, "centre-data")
  }

  static async open(of: { to: number; budget?: string }): Promise<EdgePlant> {
    const folder = await mkdtemp(join(tmpdir(), "moru-edge-"))
    await mkdir(join(folder, "drop"))
    await writeFile(join(folder, "plant.yaml"), plantYaml(of.to, of.budget ?? "1 GB"))
    return new EdgePlant(folder)
  }

  /** Drops a file with so many rows, a second apart from `from` on; gives its name. */
  async drop({ from, rows }: { from: number; rows: number }): Promise<string> {
    const lines = ["time,pressure,note"]
    for (let i = 0; i < rows; i++) {
      const at = new Date(from + i * 1000).toISOString()
      lines.push(`${at},${(from / 1000 + i) % 100_000},${["open", "shut", "열림"][i % 3]}`)
    }
    const name = `${String(this.#files++).padStart(4, "0")}.csv`
    await writeFile(join(this.folder, `.${name}`), `${lines.join("\n")}\n`)
    await rename(join(this.folder, `.${name}`), join(this.folder, "drop", name))
    return name
  }

  async startEdge(key: string): Promise<EdgeProcess> {
    const args = ["src/main.ts", "run", "--parts", "connect", "--plant", this.folder]
    args.push("--data", this.edgeData, "--port", "0", "--json")
    const env = { ...process.env, MORU_EDGE_KEY: key }
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        output += chunk
      })
    const url = await until("the edge runs", () => {
      if (child.exitCode !== null) throw new Error(`the edge ended at its start:\n${output}`)
      return /"url":"([^"]+)"/.exec(output)?.[1]
    })
    return { child, url, output: () => output }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

export interface EdgeProcess {
  readonly child: ChildProcess
  readonly url: string
  output(): string
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, "exit")
  child.kill(signal)
  await exited
}
