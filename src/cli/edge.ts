import type { Command } from "commander"
import { complain, fail, leave, stopSignal } from "./print.ts"

interface EdgeKeyOptions {
  readonly url: string
  readonly user?: string
  readonly first?: string
  readonly json: boolean
}

export function registerEdge(program: Command): void {
  const edge = program.command("edge").description("computers beside the machines")
  edge
    .command("key")
    .description("make a key for an edge at a running central Moru; the one before it ends")
    .argument("<edge>", "name of the edge in the plant's files")
    .option("--url <address>", "where the central Moru runs", "http://127.0.0.1:4400")
    .option(
      "--user <name>",
      "administrator to sign in as; the password is asked for, or stands in MORU_PASSWORD",
    )
    .option(
      "--first <token>",
      "make --user the first administrator, with the token that moru run shows",
    )
    .option("--json", "print one line of JSON", false)
    .action(async (name: string, options: EdgeKeyOptions) => {
      const signal = stopSignal()
      try {
        const { makeEdgeKey } = await import("./edge/key.ts")
        await makeEdgeKey({ ...options, edge: name, env: process.env }, signal)
      } catch (thrown) {
        if (signal.aborted) complain("stopped")
        else fail(thrown, options.json)
      }
      await leave()
    })
}
