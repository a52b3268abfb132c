// Runs one bench: `npm run bench -- NAME [--json] [options of its own]`; without a name, lists them.
import { spawn } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

const [name = "", ...rest] = process.argv.slice(2)
const benches = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => existsSync(join(import.meta.dirname, entry.name, "main.ts")))
  .map((entry) => entry.name)

if (benches.includes(name)) {
  const file = join(import.meta.dirname, name, "main.ts")
  const child = spawn(process.execPath, ["--expose-gc", file, ...rest], { stdio: "inherit" })
  child.on("exit", (code) => {
    process.exitCode = code ?? 1
  })
} else {
  console.error(`npm run bench -- NAME [--json], with one of: ${benches.join(", ")}`)
  process.exitCode = name === "" || name === "--help" ? 0 : 2
}
