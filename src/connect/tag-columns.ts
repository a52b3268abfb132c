import type { TableCell } from "../codec/table.ts"
import { parseDuration, unitCalled } from "../kernel/tag-file.ts"

/** A column of a table of tags. */
export interface TagColumn {
  /** Headers that people write, the house's own first; case, blanks and `_` do not matter. */
  readonly headers: readonly [string, ...string[]]
  readonly expected: string
  /** The value that a filled cell means; undefined where it means none. */
  read(cell: string): unknown
}

const namePattern = /^[a-z0-9][a-z0-9_-]*$/

const text = (cell: string) => (cell.length <= 500 ? cell : undefined)
const path = (cell: string) =>
  cell.split("/").every((name) => namePattern.test(name)) ? cell : undefined
const name = (cell: string) => (namePattern.test(cell) ? cell : undefined)

/** A decimal comma is what half of the world's spreadsheets write. */
function number(cell: string): number | undefined {
  const plain = /^-?\d+,\d+$/.test(cell) ? cell.replace(",", ".") : cell
  return /^-?\d*\.?\d+(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined
}

const kinds = new Map(
  Object.entries({
    number: ["number", "numeric", "숫자", "수치"],
    boolean: ["boolean", "bool", "참거짓", "불"],
    text: ["text", "string", "문자", "문자열"],
  }).flatMap(([kind, words]) => words.map((word) => [word, kind] as const)),
)

const aNumber = "a number"

/** The columns in the order in which an export writes them. */
export const tagColumns = {
  equipment: {
    headers: ["equipment", "equipment path", "설비", "설비 경로"],
    expected: "the path of an equipment, such as site/area/line/press-1",
    read: path,
  },
  tag: {
    headers: ["tag", "tag name", "태그", "태그명"],
    expected: "a name of a-z, 0-9, - and _",
    read: name,
  },
  nameEn: {
    headers: ["name_en", "name", "english name", "영문명", "이름(영문)"],
    expected: "a text",
    read: text,
  },
  nameKo: {
    headers: ["name_ko", "korean name", "이름", "한글명", "이름(한글)"],
    expected: "a text",
    read: text,
  },
  device: { headers: ["device", "장치", "디바이스"], expected: "the name of a device", read: name },
  address: {
    headers: ["address", "node id", "주소", "어드레스"],
    expected: "an address in the connector's terms",
    read: text,
  },
  kind: {
    headers: ["kind", "data type", "종류", "형식", "데이터 형식"],
    expected: "number, boolean or text",
    read: (cell: string) => kinds.get(cell.toLowerCase()),
  },
  unit: {
    headers: ["unit", "units", "단위"],
    expected: "a UCUM code such as Cel, bar, mm, or 1 where it has none",
    read: unitCalled,
  },
  decimals: {
    headers: ["decimals", "digits", "소수 자리", "소수 자릿수"],
    expected: "a whole number from 0 to 9",
    read: (cell: string) => (/^\d$/.test(cell) ? Number(cell) : undefined),
  },
  low: { headers: ["low", "range low", "min", "하한", "최소"], expected: aNumber, read: number },
  high: { headers: ["high", "range high", "max", "상한", "최대"], expected: aNumber, read: number },
  normalLow: { headers: ["normal_low", "정상 하한"], expected: aNumber, read: number },
  normalHigh: { headers: ["normal_high", "정상 상한"], expected: aNumber, read: number },
  staleAfter: {
    headers: ["stale_after", "유효 시간"],
    expected: "a length of time such as 500ms, 10s, 5min, 1h or 2d",
    read: (cell: string) => (Number.isNaN(parseDuration(cell)) ? undefined : cell),
  },
} as const satisfies Readonly<Record<string, TagColumn>>

export type TagColumnName = keyof typeof tagColumns

const byHeader = new Map(
  Object.entries(tagColumns).flatMap(([column, { headers }]) =>
    headers.map((header) => [plain(header), column as TagColumnName] as const),
  ),
)

/** The column that a header names. */
export function columnOf(header: TableCell): TagColumnName | undefined {
  return byHeader.get(plain(String(header ?? "")))
}

function plain(header: string): string {
  return header
    .normalize("NFC")
    .toLowerCase()
    .replace(/[\s_()-]/g, "")
}
