import { seededRandom } from "../../kernel/random.ts"
import type { Instant } from "../../model/instant.ts"
import type { Inlet, Part } from "../flow.ts"
import type { MachineContext } from "../machine.ts"
import type { Flow } from "./flow/flow.ts"
import { ownSeed } from "./pace.ts"

/** Sound castings that nobody has seen being made, for what happened before a plant's first start. */
export function madeUpParts(of: { name: string; seed: number; castAt: Instant }): Inlet {
  const random = seededRandom(of.seed).fork("made up")
  let count = 0
  return {
    waiting: Number.MAX_SAFE_INTEGER,
    take: (): Part => ({
      serial: `${of.name}-before-${++count}`,
      castAt: of.castAt,
      mould: "8722",
      porosity: 0.005 * Math.exp(0.25 * random.normal()),
    }),
  }
}

/** What comes from the machines before it; a machine that has none before it never waits. */
export function inletOf(flow: Flow, context: MachineContext): Inlet {
  if (flow.inletPort !== undefined) return flow.inlet
  const castAt = context.clock.now()
  const name = `${context.name}-${Math.floor(castAt).toString(36)}`
  return madeUpParts({ name, seed: ownSeed(context), castAt })
}
