import { sameValue } from "../act.ts"
import { inWords, presentGuard } from "./write-guard.ts"

/** Compare-and-set: somebody else's change since the command was thought of is never overwritten. */
export const expect = presentGuard("expect", (write, tag, present) => {
  if (write.expect === undefined || sameValue(write.expect, present)) return undefined
  const [holds, expected] = [inWords(present, tag), inWords(write.expect, tag)]
  return {
    en: `the machine holds ${holds}, the command expected ${expected}`,
    ko: `설비의 현재값은 ${holds}인데 명령은 ${expected}(으)로 알고 있었습니다`,
  }
})
