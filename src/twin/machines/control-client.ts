import { connect } from "node:net"
import { createInterface } from "node:readline"
import { Problem, type ProblemCode } from "../../model/problem.ts"
import type { FaultOrder } from "../twin.ts"
import type { ControlAnswer } from "./control.ts"

/** Gives a machine an order. Throws what the machine answers, or `connection-refused` where none listens. */
export async function giveOrder(port: number, order: FaultOrder): Promise<void> {
  const where = `control port ${port}`
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(port, "127.0.0.1")
  const late = () => socket.destroy(new Error("no answer within 10 s"))
  AbortSignal.timeout(10_000).addEventListener("abort", late, { once: true })
  socket.on("error", (error) =>
    reject(new Problem("connection-refused", where, `no machine answers (${error.message})`)),
  )
  socket.on("close", () =>
    reject(new Problem("connection-lost", where, "closed without an answer")),
  )
  createInterface({ input: socket })
    .on("line", resolve)
    .on("error", () => {})
  socket.write(`${JSON.stringify(order)}\n`)
  try {
    const answer = JSON.parse(await promise) as ControlAnswer
    if (answer.ok) return
    const what = answer.message.replace(/^control port: /, "")
    throw new Problem(answer.code as ProblemCode, where, what)
  } finally {
    socket.destroy()
  }
}
