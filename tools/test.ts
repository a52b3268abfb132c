// Runs all tests: `npm test [-- --data DIR] [-- FILE ...]`. DIR holds the recordings that may not live in the repository;
// `npm run test:fault` (`--long FILE ...`) lets fault tests do all that they can instead of a little.
import { spawn } from "node:child_process"
import { resolve } from "node:path"
import { parseArgs } from "node:util"

const { values, positionals } = parseArgs({
  options: { data: { type: "string" }, long: { type: "boolean", default: false } },
  allowPositionals: true,
})
const everything = ["src/**/*.test.ts", "test/**/*.test.ts", "web/src/**/*.test.ts"]
const files = positionals.length > 0 ? positionals : everything
const env = {
  ...process.env,
  ...(values.data ? { MORU_DATA: resolve(values.data) } : {}),
  ...(values.long ? { MORU_LONG: "1" } : {}),
}
const child = spawn(process.execPath, ["--test", "--test-concurrency=2", ...files], {
  stdio: "inherit",
  env,
})
child.on("exit", (code, signal) => {
  process.exitCode = signal ? 1 : (code ?? 1)
})
