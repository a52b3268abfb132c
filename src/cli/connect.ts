import type { Command } from "commander"
import { numberOption, toItsEnd } from "./print.ts"

interface AddressOptions {
  readonly user?: string
  readonly passwordEnv?: string
  readonly option: readonly string[]
  readonly trust?: string
  readonly limit: number
}

export function registerConnect(program: Command): void {
  const connect = program
    .command("connect")
    .description("connect machines in minutes: look at one, add it, edit its tags in a spreadsheet")
  registerBrowse(connect)
  registerAdd(connect)
  registerImport(connect)
  registerExport(connect)
}

function registerBrowse(connect: Command): void {
  withAddress(
    connect
      .command("browse")
      .description("look at what a machine has; nothing is written to it or kept of it")
      .argument("<address>", "where the machine is, such as opc.tcp://192.168.0.10:4840")
      .option("--out <file>", "write a table of tags (.xlsx or .csv) to edit and import")
      .option("--plant <folder>", "a plant whose own equipment types and network policy count too")
      .option("--json", "print one line of JSON", false),
  ).action(
    async (
      url: string,
      options: AddressOptions & { out?: string; plant?: string; json: boolean },
    ) =>
      toItsEnd(options.json, async (signal) => {
        const { browse } = await import("./connect/browse.ts")
        await browse({ ...options, url, env: process.env }, signal)
      }),
  )
}

interface AddCommandOptions extends AddressOptions {
  readonly plant: string
  readonly equipment?: string
  readonly type?: string
  readonly tags: string
  readonly dryRun: boolean
}

function registerAdd(connect: Command): void {
  withAddress(
    connect
      .command("add")
      .description("add a machine to a plant's files: a device, its equipment and its tags")
      .argument("<name>", "name of the device: a-z, 0-9, - and _")
      .argument("<address>", "where the machine is, such as opc.tcp://192.168.0.10:4840")
      .requiredOption(
        "--plant <folder>",
        "folder of the plant; a new one is made where there is none",
      )
      .option(
        "--equipment <path>",
        "place in the plant, such as site/line-1/press-1 (default: the name)",
      )
      .option(
        "--type <maker/model>",
        "equipment type, as browse suggests it, instead of tags of its own",
      )
      .option("--tags <what>", "all, or a table with the tags that are wanted", "all")
      .option("--dry-run", "only show what would be written", false),
  ).action(async (name: string, url: string, options: AddCommandOptions) =>
    toItsEnd(false, async (signal) => {
      const { add } = await import("./connect/add.ts")
      const { isColourful } = await import("./connect/show.ts")
      const colourful = isColourful(process.stderr, process.env)
      await add({ ...options, name, url, colourful, env: process.env }, signal)
    }),
  )
}

function registerImport(connect: Command): void {
  connect
    .command("import")
    .description(
      "read a table of tags (.xlsx or .csv) into a plant's files; shows first, saves with --apply",
    )
    .argument("<file>", "table with a header: equipment, tag, name_en, device, address, unit, ...")
    .requiredOption("--plant <folder>", "folder with plant.yaml")
    .option("--dry-run", "only show what would be saved (the default)", false)
    .option("--apply", "save, where no cell is red", false)
    .option("--skip-bad", "save the good rows although others have red cells", false)
    .action(
      async (
        file: string,
        options: { plant: string; dryRun: boolean; apply: boolean; skipBad: boolean },
      ) =>
        toItsEnd(false, async () => {
          const { importTags } = await import("./connect/tables.ts")
          const { isColourful } = await import("./connect/show.ts")
          const colourful = isColourful(process.stdout, process.env)
          const apply = options.apply && !options.dryRun
          const code = await importTags(file, { ...options, apply, colourful, env: process.env })
          process.exitCode = code
        }),
    )
}

function registerExport(connect: Command): void {
  connect
    .command("export")
    .description("write a plant's tags as a table that import reads back; never a secret")
    .requiredOption("--plant <folder>", "folder with plant.yaml")
    .requiredOption("--out <file>", "file to write: .xlsx or .csv")
    .action(async (options: { plant: string; out: string }) =>
      toItsEnd(false, async () => {
        const { exportTags } = await import("./connect/tables.ts")
        await exportTags({ ...options, env: process.env })
      }),
    )
}

function withAddress(command: Command): Command {
  return command
    .option("--user <name>", "user at the machine")
    .option("--password-env <name>", "environment variable that holds the user's password")
    .option(
      "--option <name=value>",
      "an option of the connector, such as security=sign; may be repeated",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option(
      "--trust <fingerprint>",
      "SHA-256 of the machine's certificate, compared at the machine",
    )
    .option("--limit <number>", "most points to look at", numberOption("limit", [1, 20_000]), 2000)
}
