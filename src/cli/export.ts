import type { Command } from "commander"
import type { AskOptions } from "./exchange/ask.ts"
import type { TakeOutOptions } from "./exchange/take-out.ts"
import { numberOption, toItsEnd } from "./print.ts"

const running = ["--url <address>", "where Moru runs", "http://127.0.0.1:4400"] as const
const user = [
  "--user <name>",
  "person to sign in as; the password is asked for, or stands in MORU_PASSWORD",
] as const
const tags = "paths or patterns, by commas: * stands for one name, ** for any number"
const time = "such as 2026-07-28T06:00 in the plant's zone, with Z or +09:00, or ms since 1970 UTC"

export function registerExport(program: Command): void {
  program
    .command("export")
    .description("write samples into a file, of a running Moru or of a stopped one's data folder")
    .requiredOption("--tags <patterns>", tags)
    .requiredOption("--from <time>", `first time, ${time}`)
    .option("--to <time>", "end, not in it itself (default: now)")
    .requiredOption("--out <file>", "file to write")
    .option("--format <name>", "csv or parquet (default: the file's ending)")
    .option(...running)
    .option(...user)
    .option("--data <folder>", "data folder of a stopped Moru, instead of a running one")
    .option("--plant <folder>", "with --data: the plant's files, for units and the time zone")
    .option("--json", "print one line of JSON", false)
    .action(async (options: Omit<TakeOutOptions, "env">) =>
      toItsEnd(options.json, async (signal) => {
        const { takeOut } = await import("./exchange/take-out.ts")
        await takeOut({ ...options, env: process.env }, signal)
      }),
    )
}

export function registerSql(program: Command): void {
  program
    .command("sql")
    .description("ask a running Moru's history in SQL; needs the optional @duckdb/node-api there")
    .argument("<query>", "one SELECT over the tables samples and cycles")
    .option("--tags <patterns>", tags, "**")
    .option("--from <time>", `first time, ${time} (default: 8 h before the end)`)
    .option("--to <time>", "end, not in it itself (default: now)")
    .option("--limit <rows>", "rows to show", numberOption("limit", [1, 10_000]), 100)
    .option("--after <rows>", "rows to leave out first", numberOption("after", [0, 1e9]), 0)
    .option(...running)
    .option(...user)
    .option("--json", "print one line of JSON", false)
    .action(async (sql: string, options: Omit<AskOptions, "env" | "sql">) =>
      toItsEnd(options.json, async (signal) => {
        const { askSql } = await import("./exchange/ask.ts")
        await askSql({ ...options, sql, env: process.env }, signal)
      }),
    )
}
