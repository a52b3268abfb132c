// How many samples a CPU second does a server take in InfluxDB's line protocol? See README.md.
import { Agent, request } from "node:http"
import { parseArgs } from "node:util"
import { bodies, tags } from "./lines.ts"
import { type Server, startInflux, startMoru, startVictoria } from "./servers.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    samples: { type: "string", default: "5000000" },
    warm: { type: "string", default: "1000000" },
    batch: { type: "string", default: "5000" },
    connections: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    profile: { type: "string" },
  },
})
const [samples, warm, batch, connections] = [
  ...[given.samples, given.warm, given.batch, given.connections].map(Number),
] as [number, number, number, number]

interface Figures {
  readonly perCpuSecond: number
  readonly cpuSeconds: number
  /** Of which after the last answer, until the server was idle. */
  readonly afterSeconds: number
  readonly samplesPerSecond: number
  readonly p99Ms: number
}

/** Lines of one batch are durable, as far as the server promises, when it resolves. */
function post(server: Server, agent: Agent, body: Buffer): Promise<void> {
  const { url, authorization } = server
  const headers = {
    "content-type": "text/plain; charset=utf-8",
    "content-length": body.length,
    ...(authorization !== undefined && { authorization }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (answer) => {
      let says = ""
      answer.on("data", (piece) => {
        says += piece
      })
      answer.on("end", () => {
        if (answer.statusCode === 204) resolve()
        else reject(new Error(`${url} answered ${answer.statusCode}: ${says.slice(0, 300)}`))
      })
    })
    sent.on("error", reject)
    sent.end(body)
  })
}

async function send(
  server: Server,
  sources: readonly Iterator<Buffer>[],
  count: number,
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  let left = Math.ceil(count / batch)
  const one = async (source: Iterator<Buffer>) => {
    while (left-- > 0) {
      const { value } = source.next()
      const from = performance.now()
      await post(server, agent, value)
      times.push(performance.now() - from)
    }
  }
  await Promise.all(sources.map(one))
  agent.destroy()
  return times
}

/** Waits until the server has used less than a hundredth of a core for five seconds, at most two minutes. */
async function idle(server: Server): Promise<void> {
  // A profile costs by itself what idle servers do not.
  const end = Date.now() + (given.profile === undefined ? 120_000 : 0)
  for (let before = await server.cpuMs(); Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 5000))
    const now = await server.cpuMs()
    if (now - before <= 50) return
    before = now
  }
}

async function measure(server: Server): Promise<Figures> {
  const seconds = Math.ceil((samples + warm) / tags)
  const start = Date.now() - (Date.now() % 1000) - (seconds + 60) * 1000
  const shape = { seed: Number(given.seed), batch, start, senders: connections }
  const sources = Array.from({ length: connections }, (_, sender) => bodies(sender, shape))
  try {
    await send(server, sources, warm)
    await idle(server)
    const [cpu, from] = [await server.cpuMs(), performance.now()]
    const times = await send(server, sources, samples)
    const elapsed = performance.now() - from
    const sent = await server.cpuMs()
    await idle(server)
    const all = await server.cpuMs()
    times.sort((a, b) => a - b)
    return {
      perCpuSecond: Math.round((samples / (all - cpu)) * 1000),
      cpuSeconds: (all - cpu) / 1000,
      afterSeconds: (all - sent) / 1000,
      samplesPerSecond: Math.round((samples / elapsed) * 1000),
      p99Ms: Math.round(times[Math.floor(times.length * 0.99)] ?? 0),
    }
  } finally {
    await server.stop()
  }
}

const say = (line: string) => given.json || console.log(line)

const kinds = {
  moru: () => startMoru(given.profile),
  influxdb: startInflux,
  "victoria-metrics": startVictoria,
} as const

const found: Record<string, number> = {}
for (const [name, start] of Object.entries(kinds)) {
  if (given.only !== undefined && given.only !== name) continue
  const server = await start()
  if (!server) {
    say(`${name}: not installed`)
    continue
  }
  const figures = await measure(server)
  found[name] = figures.perCpuSecond
  say(`${name}: ${JSON.stringify(figures)}`)
}
const { moru: perCpuSecond = 0, ...peers } = found
const ratios = Object.fromEntries(
  Object.entries(peers).map(([name, rate]) => [
    name,
    Math.round((perCpuSecond / rate) * 100) / 100,
  ]),
)
for (const [name, ratio] of Object.entries(ratios)) say(`moru is ${ratio} times ${name}`)
if (given.json) console.log(JSON.stringify({ perCpuSecond, peers, ratios }))
