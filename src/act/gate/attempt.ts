import type { Clock } from "../../kernel/clock.ts"
import type { Write } from "../../model/command.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import { type Actuator, type Outcome, sameValue } from "../act.ts"
import { TimedOut, within } from "./within.ts"

/** How a machine is reached. Times are plant time: a plant that runs 60 times as fast needs 60 times as much of it. */
export interface Line {
  readonly actuator: Actuator
  readonly clock: Clock
  readonly writeTimeoutMs: number
  readonly readBackTimeoutMs: number
}

/** Sends one write exactly once, then reads the machine until it shows the value. Never throws. */
export async function writeOnce(write: Write, line: Line): Promise<Outcome> {
  try {
    await within(line.writeTimeoutMs, line.clock, (signal) => line.actuator.write(write, signal))
  } catch (thrown) {
    return whyNot(thrown, line)
  }
  return readBack(write, line)
}

/** Only what the machine or the connector refused for certain has failed; of anything else nobody knows. */
function whyNot(thrown: unknown, line: Line): Outcome {
  if (thrown instanceof TimedOut)
    return { state: "unknown", because: `no answer to the write within ${line.writeTimeoutMs} ms` }
  const because = thrown instanceof Error ? thrown.message : String(thrown)
  const certain =
    thrown instanceof Problem &&
    (thrown.code === "write-failed" || thrown.code === "write-unsupported")
  return { state: certain ? "failed" : "unknown", because }
}

/** A machine may take a moment to take a value over; only the reading is repeated, never the write. */
async function readBack({ target, value }: Write, line: Line): Promise<Outcome> {
  const { actuator, clock, readBackTimeoutMs } = line
  let seen: Value | undefined
  let failure = `no answer within ${readBackTimeoutMs} ms`
  try {
    return await within(readBackTimeoutMs, clock, async (signal) => {
      for (;;) {
        try {
          seen = await actuator.read(target, signal)
          if (sameValue(seen, value)) return { state: "done", readBack: seen }
        } catch (thrown) {
          failure = thrown instanceof Error ? thrown.message : String(thrown)
        }
        await clock.sleep(readBackTimeoutMs / 20, signal)
      }
    })
  } catch {
    if (seen === undefined)
      return { state: "unknown", because: `written, but could not be read back: ${failure}` }
    return { state: "failed", because: `written ${value}, but the machine shows ${seen}` }
  }
}
