import { sameValue } from "../act.ts"
import { inWords, presentGuard } from "./write-guard.ts"

/** Compare-and-set: somebody else's change since the command was thought of is never overwritten. */
export const expect = presentGuard("expect", (write, tag, present) => {
  if (write.expect === undefined || sameValue(write.expect, present)) return undefined
  return `the machine holds ${inWords(present, tag)}, the command expected ${inWords(write.expect, tag)}`
})
