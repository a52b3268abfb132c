import type { Machine, MachineContext } from "../machine.ts"
import type { FaultOrder } from "../twin.ts"
import { type Line, LineCut } from "./line-cut.ts"
import { keepPace } from "./pace.ts"

/** A machine that steps with time and shows itself on one line. */
export interface OnLine {
  readonly endpoint: string
  readonly line: Line
  tick(): void | Promise<void>
  /** Of every fault but `connection-lost`, which is the line's. */
  order(order: FaultOrder): void
  close(): void | Promise<void>
}

/** Runs it until it is stopped. */
export function runOnLine(machine: OnLine, context: MachineContext): Machine {
  const { tell } = context
  const stop = new AbortController()
  const cut = new LineCut(machine.line, context)
  const running = keepPace(() => machine.tick(), { ...context, signal: stop.signal })
  tell("started", {})
  return {
    endpoint: machine.endpoint,
    order: async (order) => {
      const { fault, state, severity = 1 } = order
      tell(state === "on" ? "fault injected" : "fault cleared", { fault, severity })
      if (fault === "connection-lost") return cut.cut(state === "on" ? severity : 0)
      machine.order(order)
    },
    stop: async () => {
      stop.abort()
      cut.stop()
      await running
      await machine.close()
    },
  }
}
