import type { DiskFile } from "../disk.ts"
import { headBytes, isWhole, magic, payloadBytes, positionOf } from "./frame.ts"

/** A whole frame, or bytes between frames that are none. */
export class Extent {
  readonly offset: number
  readonly bytes: number
  readonly frame: WholeFrame | undefined

  constructor(offset: number, bytes: number, frame?: WholeFrame) {
    this.offset = offset
    this.bytes = bytes
    this.frame = frame
  }
}

export interface WholeFrame {
  readonly head: Buffer
  readonly stored: Buffer
  readonly position: number
}

const windowBytes = 64 * 1024

/** Goes through a segment up to a byte, one frame in memory at a time. `first` is the position that names the segment. */
export function* walk(
  file: DiskFile,
  segment: { readonly first: number; readonly end: number },
): Generator<Extent> {
  let offset = 0
  let last = segment.first - 1
  while (offset < segment.end) {
    const place = { ...segment, after: last }
    const frame = frameAt(file, offset, place)
    if (frame) {
      const bytes = headBytes + frame.stored.length
      yield new Extent(offset, bytes, frame)
      offset += bytes
      last = frame.position
    } else {
      const next = nextFrame(file, offset + 1, place)
      yield new Extent(offset, next - offset)
      offset = next
    }
  }
}

interface Place {
  readonly first: number
  readonly end: number
  /** The position of the frame before, which this one's is beyond. */
  readonly after: number
}

function frameAt(
  file: DiskFile,
  offset: number,
  { first, end, after }: Place,
): WholeFrame | undefined {
  const head = Buffer.alloc(headBytes)
  if (file.read(head, offset) < headBytes) return undefined
  const length = payloadBytes(head)
  if (length === undefined || offset + headBytes + length > end) return undefined
  const position = positionOf(head)
  if (!(position > after)) return undefined
  const stored = Buffer.allocUnsafeSlow(length)
  if (file.read(stored, offset + headBytes) < length) return undefined
  return isWhole(head, stored, first) ? { head, stored, position } : undefined
}

/** Where the next whole frame begins; the end where none does. */
function nextFrame(file: DiskFile, offset: number, place: Place): number {
  const window = Buffer.alloc(windowBytes)
  let from = offset
  for (;;) {
    const read = file.read(window, from)
    if (read < magic.length || from >= place.end) return place.end
    const bytes = window.subarray(0, read)
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1))
      if (frameAt(file, from + at, place)) return from + at
    from += read - magic.length + 1
  }
}
