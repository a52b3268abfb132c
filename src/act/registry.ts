import type { Guard } from "./act.ts"
import { approval } from "./guards/approval.ts"
import { automatic } from "./guards/automatic.ts"
import { expect } from "./guards/expect.ts"
import { expiry } from "./guards/expiry.ts"
import { interlock } from "./guards/interlock.ts"
import { interval } from "./guards/interval.ts"
import { kind } from "./guards/kind.ts"
import { range } from "./guards/range.ts"
import { readOnly } from "./guards/read-only.ts"
import { request } from "./guards/request.ts"
import { right } from "./guards/right.ts"
import { step } from "./guards/step.ts"
import { target } from "./guards/target.ts"

/** In the order in which they are asked: whether at all, by whom, what, and whether now. The first refusal ends it. */
export const guards: readonly Guard[] = [
  expiry,
  readOnly,
  automatic,
  right,
  approval,
  request,
  target,
  kind,
  range,
  interval,
  interlock,
  expect,
  step,
]
