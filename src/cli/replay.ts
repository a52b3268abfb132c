import type { Command } from "commander"
import { Problem } from "../model/problem.ts"
import { complain, fail, print, stopSignal } from "./print.ts"
import type { ReplayOptions } from "./replay/play.ts"

export function registerReplay(program: Command): void {
  program
    .command("replay")
    .description(
      "run recorded shots through the whole path, and prove that nothing was lost on the way",
    )
    .argument("<folder>", "holds files named <anything>_group_<mould>.csv")
    .option("--speed <times>", "times the recorded pace, or max", speedOption, "max")
    .option(
      "--data <folder>",
      "where everything is kept; goes on where an earlier run was cut off (default: a temporary folder, removed at the end)",
    )
    .option("--zone <name>", "time zone of the files", "Asia/Seoul")
    .option("--log-level <level>", "debug, info, warn or error", "error")
    .option("--json", "print one line of JSON", false)
    .action(async (folder: string, options: ReplayOptions) => {
      const signal = stopSignal()
      try {
        const { replay } = await import("./replay/play.ts")
        const result = await replay(folder, options, signal)
        if (options.json) print(JSON.stringify(result))
        else for (const [name, value] of Object.entries(result)) print(`${name.padEnd(12)}${value}`)
        process.exit(result.lost + result.duplicates === 0 ? 0 : 1)
      } catch (thrown) {
        if (signal.aborted) {
          complain(`stopped${options.data ? "; the same command goes on from here" : ""}`)
          process.exit(130)
        }
        fail(thrown, options.json)
        process.exit()
      }
    })
}

function speedOption(text: string): number | "max" {
  const number = Number(text)
  if (text === "max") return text
  if (number > 0 && Number.isFinite(number)) return number
  throw new Problem("option-invalid", "--speed", `got "${text}", expected a number above 0 or max`)
}
