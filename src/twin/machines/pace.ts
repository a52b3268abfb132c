import { every } from "../../kernel/clock.ts"
import { seededRandom } from "../../kernel/random.ts"
import type { MachineContext } from "../machine.ts"

/** Live values change once a second of plant time, at high speed ten times a second of the computer's. */
const secondMs = 1000
const fastestMs = 100

/** Calls `tick` again and again until the signal aborts. */
export function keepPace(
  tick: () => void | Promise<void>,
  { clock, log, signal }: Pick<MachineContext, "clock" | "log"> & { readonly signal: AbortSignal },
): Promise<void> {
  const failed = (thrown: unknown) =>
    log.error("the machine could not go on", { thrown: String(thrown) })
  return every(Math.max(secondMs, fastestMs * (clock.speed ?? 1)), tick, { clock, signal, failed })
}

/** Machines of one plant share its printed seed and still differ. */
export function ownSeed({ seed, name }: Pick<MachineContext, "seed" | "name">): number {
  return Math.floor(seededRandom(seed).fork(name).next() * 2 ** 32)
}
