import type { MetaData } from "../sparkplug-payload.ts"
import type { Reader } from "./reader.ts"
import type { Writer } from "./writer.ts"

/** Field n stands at place n - 1. */
const fields = [
  { name: "isMultiPart", kind: "boolean" },
  { name: "contentType", kind: "string" },
  { name: "size", kind: "whole" },
  { name: "seq", kind: "whole" },
  { name: "fileName", kind: "string" },
  { name: "fileType", kind: "string" },
  { name: "md5", kind: "string" },
  { name: "description", kind: "string" },
] as const

export function readMetaData(reader: Reader): MetaData {
  const meta: Record<string, unknown> = {}
  for (let number = reader.next(); number !== 0; number = reader.next()) {
    const field = fields[number - 1]
    if (field) meta[field.name] = reader[field.kind]()
    else reader.skip()
  }
  return meta
}

export function writeMetaData(writer: Writer, meta: MetaData): void {
  fields.forEach(({ name, kind }, i) => {
    const value = meta[name]
    if (value === undefined) return
    if (kind === "boolean") writer.boolean(i + 1, Boolean(value))
    else if (kind === "string") writer.string(i + 1, String(value))
    else writer.whole(i + 1, typeof value === "bigint" ? value : Number(value))
  })
}
