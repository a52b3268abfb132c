import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import type { TestContext } from "node:test"

/** The interpreter that has the foreign peers of the tests. */
export const python = process.env.MORU_PEERS_PYTHON ?? "python3"

/** True where the check runs through; otherwise the test is left out, with how to get the peer. */
export function hasPeer(check: string, how: string, t: TestContext): boolean {
  const { status } = spawnSync(python, ["-c", check])
  if (status !== 0) t.skip(`${python} lacks a peer: ${how}`)
  return status === 0
}

/** A program that runs until it is disposed of. */
export function startPeer(program: URL, args: readonly string[]): AsyncDisposable {
  const child = spawn(python, [program.pathname, ...args], { stdio: "ignore" })
  return { [Symbol.asyncDispose]: () => ended(child) }
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, "exit")
  child.kill("SIGKILL")
  await exit
}
