import { SystemClock } from "../kernel/clock/system.ts"
import { Problem, problemOf } from "../model/problem.ts"

/** A line of a command's result on standard output; everything else goes to standard error. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Ends the process once all that was printed has left it, with the exit code that was set. */
export async function leave(): Promise<never> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((left) => stream.write("", () => left()))
  process.exit()
}

/** A line about the command's work, on standard error. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`)
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

/** One Ctrl-C may arrive twice: from the terminal, and from npm that passes it on. */
const sameMs = 1000

/** Aborts at Ctrl-C or SIGTERM; another Ctrl-C later ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let asked: number | undefined
  const clock = new SystemClock()
  const stop = () => {
    asked ??= clock.monotonic()
    if (clock.monotonic() - asked > sameMs) process.exit(130)
    controller.abort(new Error("stopped by the user"))
  }
  process.on("SIGINT", stop)
  process.on("SIGTERM", stop)
  return controller.signal
}

/** Does a command's work and leaves; Ctrl-C ends it cleanly, with what it has opened closed again and no half file. */
export async function toItsEnd(
  json: boolean,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const signal = stopSignal()
  try {
    await work(signal)
  } catch (thrown) {
    if (!signal.aborted) fail(thrown, json)
    else {
      complain("stopped; nothing was written")
      process.exitCode = 130
    }
  }
  await leave()
}
