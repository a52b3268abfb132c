import type { Area } from "../../codec/s7-frame.ts"
import { type S7Type, s7Types } from "../../codec/s7-value.ts"
import { didYouMean } from "../../kernel/spelling.ts"
import type { Extent } from "../spans.ts"
import { type Scale, scaleForm, scaleOf } from "../stored.ts"

/** Bytes of the controller's memory, and what stands there. */
export interface Place extends Extent {
  readonly area: Area
  readonly db: number
  readonly type: S7Type
  /** Of a bit, 0 to 7. */
  readonly bit?: number
  readonly scale?: Scale
}

const form = new RegExp(
  "^(?:DB(?<db>\\d+)|(?<area>[A-Z]+))(?:,(?<type>[A-Z]*))?(?<start>\\d+)(?:\\.(?<more>\\d+))?" +
    scaleForm,
  "i",
)
const example =
  "DB1,REAL4 or DB1,X14.0 or M4.2 or DB2,STRING20.16, with *scale and +offset where needed"

/** What people write for an area or a type. */
const areaNames: Readonly<Record<string, Area>> = { I: "I", E: "I", Q: "Q", A: "Q", M: "M" }
const typeNames: Readonly<Record<string, S7Type>> = {
  BOOL: "X",
  B: "BYTE",
  C: "CHAR",
  W: "WORD",
  DW: "DWORD",
  DI: "DINT",
  R: "REAL",
  LR: "LREAL",
  S: "STRING",
}
const longestText = 254

/** A point's address, or what is wrong with it as the end of a sentence that begins with "got". */
export function parseAddress(address: string): Place | string {
  const part = form.exec(address.trim())?.groups
  if (!part) return `what cannot be read, expected ${example}`
  const origin = areaOf(part)
  if (typeof origin === "string") return origin
  const content = contentOf(part)
  if (typeof content === "string") return content
  const start = Number(part.start)
  if (start + content.length > 65_536)
    return `byte ${start} for ${content.length} bytes, expected them to end at 65535`
  const scale = scaleOf({ ...part, scale: part.scale?.toLowerCase() })
  if (typeof scale === "string") return scale
  if (scale && ["X", "CHAR", "STRING"].includes(content.type))
    return `a scale for ${content.type}, expected one for numbers only`
  return {
    group: `${origin.area}${origin.db}`,
    ...origin,
    start,
    ...content,
    ...(scale && { scale }),
  }
}

type Parts = Readonly<Record<string, string | undefined>>

function areaOf({ db, area = "" }: Parts): Pick<Place, "area" | "db"> | string {
  if (db !== undefined) {
    const number = Number(db)
    if (number < 1 || number > 65_535) return `DB${db}, expected DB1 to DB65535`
    return { area: "DB", db: number }
  }
  const name = areaNames[area.toUpperCase()]
  if (name) return { area: name, db: 0 }
  const [, first, type] = /^([IEQAM])(.+)$/i.exec(area) ?? []
  const meant = type && nameOf(type) ? ` (did you mean "${first},${nameOf(type)}..."?)` : ""
  return `area "${area}", expected DB with its number, I, Q or M${meant}`
}

/** Without a type it is a bit, as in M4.2. */
function contentOf({ type = "X", more }: Parts): Pick<Place, "type" | "length" | "bit"> | string {
  const name = nameOf(type)
  if (!name) {
    const known = [...Object.keys(s7Types), "STRING"]
    return `type "${type}", expected one of ${known.join(", ")}${didYouMean(type, known)}`
  }
  if (name === "STRING") {
    const count = Number(more)
    if (!(count >= 1 && count <= longestText))
      return `a STRING of ${more ?? "unknown"} characters, expected its length behind the byte, as in STRING20.16, at most ${longestText}`
    return { type: name, length: count + 2 }
  }
  if (name === "X") {
    if (more === undefined || Number(more) > 7)
      return `bit ${more ?? "unknown"}, expected 0 to 7 behind the byte, as in X14.0`
    return { type: name, length: 1, bit: Number(more) }
  }
  if (more !== undefined) return `.${more} behind ${name}, expected a byte number only`
  return { type: name, length: s7Types[name] }
}

function nameOf(type: string): S7Type | undefined {
  const name = type.toUpperCase()
  if (name === "STRING" || Object.hasOwn(s7Types, name)) return name as S7Type
  return typeNames[name]
}
