#!/usr/bin/env node
import { enableCompileCache } from "node:module"
import { Command } from "commander"
import { registerBackup } from "./cli/backup.ts"
import { registerCheck } from "./cli/check.ts"
import { registerCompleteness } from "./cli/completeness.ts"
import { registerConnect } from "./cli/connect.ts"
import { registerDoctor } from "./cli/doctor.ts"
import { registerEdge } from "./cli/edge.ts"
import { registerExport, registerSql } from "./cli/export.ts"
import { registerFault } from "./cli/fault.ts"
import { registerInit } from "./cli/init.ts"
import { fail } from "./cli/print.ts"
import { registerReplay } from "./cli/replay.ts"
import { registerRun } from "./cli/run.ts"
import { registerValues } from "./cli/values.ts"
import { compiledFolder } from "./kernel/compiled.ts"
import { version } from "./moru/version.ts"

/** The command line with all its commands; documentation is generated from it. */
export function commandLine(): Command {
  const program = new Command("moru")
    .description(
      "An intelligent production system: connect, collect, understand, decide, act, prove.",
    )
    .version(version)
    .showHelpAfterError()
    .showSuggestionAfterError()
  registerInit(program)
  registerConnect(program)
  registerCheck(program)
  registerRun(program)
  registerEdge(program)
  registerValues(program)
  registerCompleteness(program)
  registerExport(program)
  registerSql(program)
  registerBackup(program)
  registerReplay(program)
  registerFault(program)
  registerDoctor(program)
  return program
}

if (import.meta.main) {
  // Each command loads what it needs when it runs, after this.
  enableCompileCache(compiledFolder)
  try {
    await commandLine().parseAsync()
  } catch (thrown) {
    fail(thrown, process.argv.includes("--json"))
  }
}
