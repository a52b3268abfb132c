import { Problem } from "../model/problem.ts"

/** Throws `option-invalid` for a zone that this computer does not know. */
export function checkZone(zone: string, where: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone })
  } catch {
    const what = `option "zone": got "${zone}", expected an IANA time zone such as Asia/Seoul`
    throw new Problem("option-invalid", where, what)
  }
}
