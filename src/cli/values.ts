import type { Command } from "commander"
import { complain, fail, leave, stopSignal } from "./print.ts"

interface ValuesCommandOptions {
  readonly url: string
  readonly user?: string
  readonly first?: string
  readonly watch: boolean
  readonly json: boolean
}

export function registerValues(program: Command): void {
  program
    .command("values")
    .description("show the latest values of a running Moru")
    .argument("[pattern]", "paths of tags: * stands for one name, ** for any number", "**")
    .option("--url <address>", "where Moru runs", "http://127.0.0.1:4400")
    .option(
      "--user <name>",
      "person to sign in as; the password is asked for, or stands in MORU_PASSWORD",
    )
    .option(
      "--first <token>",
      "make --user the first administrator, with the token that moru run shows",
    )
    .option("--watch", "show them anew as they change, until Ctrl-C", false)
    .option("--json", "print a line of JSON for each look", false)
    .action(async (pattern: string, options: ValuesCommandOptions) => {
      const signal = stopSignal()
      try {
        const { showValues } = await import("./values/show.ts")
        await showValues({ ...options, pattern, env: process.env }, signal)
      } catch (thrown) {
        if (signal.aborted) complain("stopped")
        else fail(thrown, options.json)
      }
      await leave()
    })
}
