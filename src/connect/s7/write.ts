import { itemIsGood, itemWords } from "../../codec/s7-frame.ts"
import { encodeS7, isWholeType } from "../../codec/s7-value.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { Host, Point } from "../connector.ts"
import { storedOf } from "../stored.ts"
import { type Place, parseAddress } from "./address.ts"
import type { Session } from "./session.ts"

interface WriteJob {
  readonly session: Session
  readonly host: Host
  readonly point: Point
  readonly value: Value
}

/** What fails after the request was sent says nothing of what the controller did. */
export async function writePoint(job: WriteJob, signal: AbortSignal): Promise<void> {
  const { session, host, point, value } = job
  const failed = (what: string) =>
    new Problem("write-failed", `${host.name} ${point.tag.path}`, what)
  const place = parseAddress(point.address)
  if (typeof place === "string") throw failed(`got ${place} for ${point.address}; nothing was sent`)
  const bytes = bytesFor(value, place)
  if (!bytes)
    throw failed(
      `got ${value} for ${point.address}, expected what ${place.type} holds; nothing was sent`,
    )
  const code = await session.write(rangeOf(place, bytes), bytes, signal)
  if (code !== itemIsGood) throw failed(`got ${itemWords(code)}`)
}

function bytesFor(value: Value, { type, scale, length }: Place): Uint8Array | undefined {
  const stored = storedOf(value, { scale, isWhole: isWholeType(type) })
  return stored === undefined ? undefined : encodeS7(stored, length, type)
}

/** A text is written behind its first byte, which belongs to the program. */
function rangeOf({ area, db, start, type, bit }: Place, { length }: Uint8Array) {
  const skipped = type === "STRING" ? 1 : 0
  return { area, db, start: start + skipped, length, ...(bit !== undefined && { bit }) }
}
