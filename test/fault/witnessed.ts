import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Account } from "./account.ts"

const program = fileURLToPath(new URL("witness.ts", import.meta.url))

export interface Ordeal {
  readonly data: string
  /** Put before the program, such as a tracer that injects faults. */
  readonly under?: readonly string[]
  readonly more?: readonly string[]
  /** Called with each line that the witness says; what kills it is told its process id. */
  readonly heard?: (line: string, end: () => void) => void
}

/** Lets a witness go on where the account ends until it ends or is ended; the account hears all that it said. */
export async function testify(account: Account, ordeal: Ordeal): Promise<readonly string[]> {
  const args = [
    program,
    "--data",
    ordeal.data,
    "--first",
    `${account.next}`,
    ...(ordeal.more ?? []),
  ]
  const [command = "", ...rest] = [...(ordeal.under ?? []), process.execPath, ...args]
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"], detached: true })
  const exited = once(child, "exit")
  const said: string[] = []
  const end = () => {
    // The tracer too: the whole group.
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL")
    } catch {
      // It was quicker.
    }
  }
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    account.note(line)
    ordeal.heard?.(line, end)
  }
  await exited
  return said
}
