import { within } from "../../connect/waiting.ts"
import type { Clock } from "../../kernel/clock.ts"
import type { Write } from "../../model/command.ts"
import type { Path } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import { type Actuator, type Outcome, sameValue } from "../act.ts"

/** How a machine is reached. Times are the computer's, whatever the speed of the plant's. */
export interface Line {
  readonly actuator: Actuator
  readonly clock: Clock
  readonly writeTimeoutMs: number
  readonly readBackTimeoutMs: number
}

/** Sends one write exactly once, then reads the machine until it shows the value. Never throws. */
export async function writeOnce(write: Write, line: Line): Promise<Outcome> {
  const { actuator, writeTimeoutMs } = line
  try {
    await ask(writeTimeoutMs, { line, target: write.target }, (signal) =>
      actuator.write(write, signal),
    )
  } catch (thrown) {
    return { state: isCertain(thrown) ? "failed" : "unknown", because: refusedBy(thrown) }
  }
  return readBack(write, line)
}

/** Only what the machine or the connector refused for certain has failed; of anything else nobody knows. */
function isCertain(thrown: unknown): boolean {
  if (!(thrown instanceof Problem)) return false
  return thrown.code === "write-failed" || thrown.code === "write-unsupported"
}

/** A machine may take a moment to take a value over; only the reading is repeated, never the write. */
async function readBack({ target, value }: Write, line: Line): Promise<Outcome> {
  const { actuator, clock, readBackTimeoutMs } = line
  const pauseMs = (readBackTimeoutMs / 20) * (clock.speed ?? 1)
  let seen: Value | undefined
  let failure = "no answer"
  try {
    return await ask(readBackTimeoutMs, { line, target }, async (signal) => {
      for (;;) {
        try {
          seen = await actuator.read(target, signal)
          if (sameValue(seen, value)) return { state: "done", readBack: seen }
        } catch (thrown) {
          failure = messageOf(thrown)
        }
        await clock.sleep(pauseMs, signal)
      }
    })
  } catch {
    if (seen === undefined) return { state: "unknown", because: unseen(failure) }
    const because = {
      en: `written ${value}, but the machine shows ${seen}`,
      ko: `${value}을(를) 썼지만 설비는 ${seen}을(를) 보여 줍니다`,
    }
    return { state: "failed", because }
  }
}

/** Asks the machine and waits so long for its answer. */
export function ask<T>(
  ms: number,
  { line, target }: { readonly line: Line; readonly target: Path },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = () =>
    new Problem("connection-timeout", target, `the machine gave no answer within ${ms} ms`)
  const never = new AbortController().signal
  return within(ms, work, { clock: line.clock, signal: never, late })
}

function refusedBy(thrown: unknown): Text {
  const message = messageOf(thrown)
  return { en: message, ko: `설비에 쓰지 못했습니다: ${message}` }
}

function unseen(failure: string): Text {
  return {
    en: `written, but could not be read back: ${failure}`,
    ko: `썼지만 다시 읽어 확인하지 못했습니다: ${failure}`,
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
