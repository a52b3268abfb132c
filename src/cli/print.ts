import { Problem, problemOf } from "../model/problem.ts"

/** A line of a command's result on standard output; everything else goes to standard error. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Says a failure with its remedy and sets the exit code: 1 for what is expected to happen, 70 for a defect of Moru. */
export function fail(thrown: unknown, json: boolean): void {
  const problem = problemOf(thrown, "moru")
  const { code, where, what, hint, retry } = problem
  if (json) print(JSON.stringify({ problem: { code, where, what, hint, retry } }))
  else process.stderr.write(`${where}: ${what}\n  ${hint}\n`)
  if (code === "unexpected" && problem.cause instanceof Error)
    process.stderr.write(`${problem.cause.stack}\n`)
  process.exitCode = code === "unexpected" ? 70 : 1
}

/** Throws `option-invalid` unless the text is a number within the bounds. */
export function numberOption(name: string, bounds: readonly [low: number, high: number]) {
  return (text: string): number => {
    const [low, high] = bounds
    const number = Number(text)
    if (text.trim() !== "" && number >= low && number <= high) return number
    throw new Problem("option-invalid", `--${name}`, `got "${text}", expected ${low} to ${high}`)
  }
}

/** Aborts at Ctrl-C or SIGTERM; a second Ctrl-C ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let asked = 0
  const stop = () => {
    asked++
    if (asked > 1) process.exit(130)
    controller.abort(new Error("stopped by the user"))
  }
  process.on("SIGINT", stop)
  process.on("SIGTERM", stop)
  return controller.signal
}
