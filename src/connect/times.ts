import { Problem } from "../model/problem.ts"
import { isZone } from "../model/zone.ts"

/** Throws `option-invalid` for a zone that this computer does not know. */
export function checkZone(zone: string, where: string): void {
  if (isZone(zone)) return
  const what = `option "zone": got "${zone}", expected an IANA time zone such as Asia/Seoul`
  throw new Problem("option-invalid", where, what)
}
