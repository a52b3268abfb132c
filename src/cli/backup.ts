import type { Command } from "commander"
import type { BackUpOptions } from "./backup/back-up.ts"
import type { RestoreOptions, VerifyOptions } from "./backup/read-back.ts"
import { toItsEnd } from "./print.ts"

export function registerBackup(program: Command): void {
  program
    .command("backup")
    .description("copy everything while Moru runs: samples, ledger, plant files, keys")
    .requiredOption("--to <path>", "folder to make, or a file that ends with .tar")
    .option("--since <folder>", "an earlier backup folder: what did not change is taken from it")
    .option("--url <address>", "where Moru runs", "http://127.0.0.1:4400")
    .option(
      "--user <name>",
      "administrator to sign in as; the password is asked for, or stands in MORU_PASSWORD",
    )
    .option("--data <folder>", "data folder of a stopped Moru, instead of a running one")
    .option("--plant <folder>", "with --data: the plant's files, to be in the backup too")
    .option("--json", "print one line of JSON", false)
    .action(async (options: Omit<BackUpOptions, "env">) =>
      toItsEnd(options.json, async (signal) => {
        const { backUp } = await import("./backup/back-up.ts")
        await backUp({ ...options, env: process.env }, signal)
      }),
    )
  program
    .command("verify")
    .description(
      "read a backup whole: sums, chunks, log, the ledger's chain; exit code 1 if something is wrong",
    )
    .argument("<backup>", "folder, or file that ends with .tar")
    .option("--json", "print one line of JSON", false)
    .action(async (backup: string, options: Omit<VerifyOptions, "backup">) =>
      toItsEnd(options.json, async (signal) => {
        const { verify } = await import("./backup/read-back.ts")
        await verify({ ...options, backup }, signal)
      }),
    )
  program
    .command("restore")
    .description(
      "put a backup into an empty data folder; nothing is written to machines until a person allows it",
    )
    .argument("<backup>", "folder, or file that ends with .tar")
    .requiredOption("--data <folder>", "data folder to make")
    .option("--plant <folder>", "folder for the plant's files; they stay in the backup otherwise")
    .option("--json", "print one line of JSON", false)
    .action(async (backup: string, options: Omit<RestoreOptions, "backup">) =>
      toItsEnd(options.json, async (signal) => {
        const { restore } = await import("./backup/read-back.ts")
        await restore({ ...options, backup }, signal)
      }),
    )
}
