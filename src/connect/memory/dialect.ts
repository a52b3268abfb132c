import type { Value } from "../../model/tag.ts"
import type { Line, LineParts } from "../line/line.ts"
import type { SpanLimits } from "../spans.ts"
import type { Place } from "./place.ts"

/** How a make of PLC is spoken to: whatever it is asked for are little endian words. */
export interface Dialect<Request, Answer> {
  readonly limits: SpanLimits
  /** Whatever the answer says, it shows that the PLC is there. */
  readonly greeting: Request
  /** The place of an address, or what is wrong with it as the end of a sentence that begins with "got". */
  parse(address: string): Place | string
  line(parts: Omit<LineParts<Request, Answer>, "framing">): Line<Request, Answer>
  /** Asks for so many words of a group from the start on. */
  readRequest(group: string, start: number, words: number): Request
  /** The request, or what is wrong as the end of a sentence that begins with "got". */
  writeRequest(place: Place, value: Value): Request | string
  refusalIn(answer: Answer): Refusal | undefined
  /** The words' bytes. */
  bytesIn(answer: Answer): Uint8Array
}

export interface Refusal {
  readonly words: string
  /** The PLC has no such place, and asking again changes nothing. */
  readonly isLasting: boolean
}
