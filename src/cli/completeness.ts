import type { Command } from "commander"
import type { CompletenessOptions } from "./completeness/show.ts"
import { complain, fail, leave, stopSignal } from "./print.ts"

const time = "such as 2026-07-28T06:00 in the plant's zone, or ms since 1970 UTC"

export function registerCompleteness(program: Command): void {
  program
    .command("completeness")
    .description("say what is missing in a time of a running Moru and why, or that nothing is")
    .requiredOption("--from <time>", `first time, ${time}`)
    .requiredOption("--to <time>", "end, not in it itself")
    .option("--equipment <path>", "only the devices of this equipment")
    .option("--url <address>", "where Moru runs", "http://127.0.0.1:4400")
    .option(
      "--user <name>",
      "person to sign in as; the password is asked for, or stands in MORU_PASSWORD",
    )
    .option("--json", "print one line of JSON", false)
    .addHelpText(
      "after",
      "\nThe exit code is 0 where nothing is missing, 3 where something is, 4 where it is not proven.",
    )
    .action(async (options: Omit<CompletenessOptions, "env">) => {
      const signal = stopSignal()
      try {
        const { showCompleteness } = await import("./completeness/show.ts")
        process.exitCode = await showCompleteness({ ...options, env: process.env }, signal)
      } catch (thrown) {
        if (signal.aborted) complain("stopped")
        else fail(thrown, options.json)
      }
      await leave()
    })
}
