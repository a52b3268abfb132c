import { createInterface } from "node:readline/promises"
import { Writable } from "node:stream"
import { Problem } from "../../model/problem.ts"

/** Asks for a secret on the terminal without showing it. Throws `option-invalid` where there is no terminal. */
export async function askSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    const what = "is not set, and there is no terminal to ask on"
    throw new Problem("option-invalid", "MORU_PASSWORD", what)
  }
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const asked = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await asked.question("")
  } finally {
    asked.close()
    process.stderr.write("\n")
  }
}
