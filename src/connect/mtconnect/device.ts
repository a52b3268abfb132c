import { Problem } from "../../model/problem.ts"
import type { Deliver, Device, FoundPoint, Host, ResumeFrom, Wanted } from "../connector.ts"
import { Agent, whereOf } from "./agent.ts"
import { browsePoints } from "./browse.ts"
import { follow } from "./follow.ts"
import { Model } from "./model.ts"
import type { MtConnectOptions } from "./options.ts"
import { type Kept, keptOf } from "./place.ts"

interface Line {
  readonly agent: Agent
  readonly model: Model
}

/** One agent, or one machine of it. MTConnect only reads. */
export class MtConnectDevice implements Device {
  readonly #options: MtConnectOptions
  readonly #host: Host
  readonly #kept: Kept
  #line: Line | undefined

  constructor(options: MtConnectOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#kept = keptOf(host)
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    const [options, host] = [this.#options, this.#host]
    const url = new URL(options.agent)
    const port = Number(url.port || (url.protocol === "https:" ? 443 : 80))
    const reached = await host.network.reach({ host: url.hostname, port }, whereOf(options, host))
    signal.throwIfAborted()
    const agent = new Agent(options, host, reached)
    try {
      this.#line = { agent, model: await probe(agent, options, signal) }
    } catch (thrown) {
      agent.close()
      throw thrown
    }
  }

  async follow(
    wanted: Wanted,
    deliver: Deliver,
    resumeFrom: ResumeFrom,
    signal: AbortSignal,
  ): Promise<void> {
    const [options, host, kept] = [this.#options, this.#host, this.#kept]
    const job = { ...this.#connected(), options, host, kept, wanted, deliver, resumeFrom }
    try {
      await follow(job, signal)
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  async *browse(signal: AbortSignal): AsyncIterable<FoundPoint> {
    const { agent, model } = this.#connected()
    yield* browsePoints(agent, model, signal)
  }

  async close(): Promise<void> {
    const line = this.#line
    this.#line = undefined
    line?.agent.close()
  }

  #connected(): Line {
    if (this.#line) return this.#line
    throw new Problem("connection-lost", this.#host.name, "the agent is not connected")
  }
}

async function probe(
  agent: Agent,
  { device }: MtConnectOptions,
  signal: AbortSignal,
): Promise<Model> {
  const found = await agent.ask("probe", {}, signal)
  if (found.kind === "devices" && found.devices.length > 0) return new Model(found.devices)
  const [error] = found.kind === "error" ? found.errors : []
  if (device !== undefined && (error?.code === "NO_DEVICE" || found.kind === "devices")) {
    const what = `option "device": got "${device}", which the agent does not have`
    throw new Problem("option-invalid", agent.where, what)
  }
  const got = error
    ? `${error.code} ("${error.text.slice(0, 200)}")`
    : `a document of ${found.kind}`
  throw new Problem("protocol-error", agent.where, `got ${got}, expected the machine's devices`)
}
