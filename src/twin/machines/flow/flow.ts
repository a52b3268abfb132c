import { join } from "node:path"
import { Problem } from "../../../model/problem.ts"
import type { Inlet, Outlet } from "../../flow.ts"
import type { MachineContext } from "../../machine.ts"
import type { FlowOptions } from "../../options.ts"
import { SocketInlet } from "./inlet.ts"
import { FlowJournal } from "./journal.ts"
import { SocketOutlet } from "./outlet.ts"

/** A machine's place in the flow of parts. */
export interface Flow {
  readonly inlet: Inlet
  readonly outlet: Outlet
  /** Where neighbours bring parts; absent without an `inlet-port`. */
  readonly inletPort?: number
  /** Resolves once every part that was taken or offered until now is safe. */
  settled(): Promise<void>
  /** Never throws. */
  close(): Promise<void>
}

/**
 * Opens what a machine's options say of the flow. A part that the machine has taken and not offered is waiting again
 * after a restart; one that it has offered is neither lost nor doubled, whoever restarts. Throws `port-taken` and
 * `option-invalid`.
 */
export async function openFlow(options: FlowOptions, context: MachineContext): Promise<Flow> {
  const { files, folder, clock, name } = context
  const journal = new FlowJournal(files, join(folder, "flow.jsonl"))
  await journal.open()
  const inlet = new SocketInlet(options["inlet-capacity"], journal)
  const wanted = options["inlet-port"]
  const inletPort = wanted === undefined ? undefined : await inlet.open(wanted, `machine ${name}`)
  const port = portOf(options.outlet, `machine ${name}`)
  const outlet = new SocketOutlet({ journal, clock, ...(port !== undefined && { port }) })
  const stop = new AbortController()
  const running = outlet.run(stop.signal)
  return {
    inlet,
    outlet,
    ...(inletPort !== undefined && { inletPort }),
    settled: () => journal.settled(),
    close: async () => {
      stop.abort()
      if (inletPort !== undefined) inlet.close()
      await running
      await journal.settled().catch(() => {})
    },
  }
}

function portOf(outlet: string | undefined, where: string): number | undefined {
  if (outlet === undefined) return undefined
  const port = Number(/^(?:127\.0\.0\.1|localhost):(\d{1,5})$/.exec(outlet)?.[1])
  if (port >= 1 && port <= 65535) return port
  throw new Problem(
    "option-invalid",
    where,
    `option /outlet: got "${outlet}", expected 127.0.0.1:PORT`,
  )
}
