/** A file as loggers, spreadsheets and people leave it, and what is to become of its cells. */
export interface FaultyFile {
  readonly what: string
  readonly name: string
  readonly bytes: Uint8Array
  readonly shots: number
  readonly values: number
  readonly refused: number
  /** Lines on standard error that name what is wrong. */
  readonly says?: readonly RegExp[]
}

const utf8 = (text: string) => new TextEncoder().encode(text)
const head = "id,date,time,temp,state,datetime"
const time = (row: number) =>
  `08:${String(Math.floor(row / 60)).padStart(2, "0")}:${String(row % 60).padStart(2, "0")}`
const row = (i: number, temp = "700", state = "가동", day = "2019-01-02") =>
  `${i},${day},${time(i)},${temp},${state},${day} ${time(i)}`
const table = (rows: readonly string[], lineEnd = "\n") => [head, ...rows].join(lineEnd)
const rows = (temps: readonly string[]) => temps.map((temp, i) => row(i, temp))
const four = rows(["1", "2", "3", "4"])
const cut = (text: string, from: string, to: string) => utf8(text.replace(from, to))

const files: readonly Omit<FaultyFile, "name">[] = [
  {
    what: "wrong cells in a column of numbers",
    bytes: utf8(
      table(
        rows([
          ..."1234567890".split(""),
          "NaN",
          "null",
          "-",
          "#N/A",
          "오류",
          "1 2",
          "0x1F",
          "1e999",
          "33l",
          "",
        ]),
      ),
    ),
    ...{ shots: 20, values: 39, refused: 9 },
    says: [/refused: f_group_1\.csv:16: temp, got "오류", expected a number/],
  },
  {
    what: "numbers in every form, spaces around them, negative zero",
    bytes: utf8(
      table(rows(["9007199254740992", " 12 ", "-0", "-0.0", "1e-300", ".5", "5.", "+3", "007"])),
    ),
    ...{ shots: 9, values: 18, refused: 0 },
  },
  {
    what: "serial numbers beyond 2^53, one of them no number",
    bytes: utf8(table(rows(["9007199254740993", "9007199254740995", "90071992547409971", "?"]))),
    ...{ shots: 4, values: 8, refused: 1 },
    says: [/refused: f_group_3\.csv:5: temp, got "\?", expected a number/],
  },
  {
    what: "one integer beyond 2^53 among measured numbers",
    bytes: utf8(table(rows(["1", "-9007199254740993", "3"]))),
    ...{ shots: 3, values: 6, refused: 0 },
    says: [/rounded: f_group_4\.csv:3: temp, got "-9007199254740993", kept as -9007199254740992/],
  },
  {
    what: "thousands separators in quotes among plain numbers",
    bytes: utf8(table(rows(['"1,234"', "2", "3"]))),
    ...{ shots: 3, values: 6, refused: 1 },
  },
  {
    what: "semicolons with decimal commas, of which none is surely a number",
    bytes: utf8(
      table(rows(["1", "2"]))
        .replaceAll(",", ";")
        .replaceAll(";1;", ";1,5;")
        .replaceAll(";2;", ";2,5;"),
    ),
    ...{ shots: 2, values: 4, refused: 0 },
  },
  {
    what: "booleans",
    bytes: utf8(table(rows(["true", "FALSE"]))),
    shots: 2,
    values: 4,
    refused: 0,
  },
  {
    what: "ten shots in one second",
    bytes: utf8(table(Array.from({ length: 10 }, () => row(5)))),
    ...{ shots: 10, values: 20, refused: 0 },
  },
  {
    what: "times out of order, before 2000 and in the future",
    bytes: utf8(
      table([row(3), row(1), row(2, "5", "", "1999-01-01"), row(4, "5", "", "2199-01-01")]),
    ),
    ...{ shots: 4, values: 6, refused: 0 },
  },
  {
    what: "no time at all",
    bytes: utf8("id,temp\n1,700\n2,701\n"),
    ...{ shots: 2, values: 2, refused: 0 },
    says: [/f_group_10\.csv: got no column datetime, or date and time/],
  },
  {
    what: "unreadable times",
    bytes: utf8("datetime,temp\n어제,700\n2019-02-30 00:00:00,701\n2019-02-03 00:00:00,702"),
    ...{ shots: 3, values: 3, refused: 0 },
    says: [/f_group_11\.csv:2: got "어제"/, /f_group_11\.csv:3: got "2019-02-30/],
  },
  {
    what: "nothing but a header",
    bytes: utf8(head),
    ...{ shots: 0, values: 0, refused: 0 },
  },
  {
    what: "an empty file",
    bytes: utf8(""),
    ...{ shots: 0, values: 0, refused: 0 },
    says: [/f_group_13\.csv: got an empty file/],
  },
  {
    what: "rows too short and too long",
    bytes: utf8(table(["0,2019-01-02", row(1), `${row(2)},x,9`])),
    ...{ shots: 3, values: 4, refused: 0 },
    says: [/f_group_14\.csv:4: got "x, 9" beyond the last column/],
  },
  {
    what: "names twice, none, and such that JavaScript has itself",
    bytes: utf8(
      "temp,temp,temp-2,,constructor,__proto__,toString,date,date\n1,2,3,4,5,6,7,2019-01-02,2019-01-02",
    ),
    ...{ shots: 1, values: 7, refused: 0 },
  },
  {
    what: "a byte-order mark, Windows and other line ends in one file, empty lines",
    bytes: utf8(`\ufeff${table(four.slice(0, 2), "\r\n")}\r\n\r\n   \n${four[2]}\n${four[3]}\r\n`),
    ...{ shots: 4, values: 8, refused: 0 },
  },
  {
    what: "rows of nothing but commas",
    bytes: utf8(`${table(four)}\n,,,,,\n,,,,,\n`),
    ...{ shots: 6, values: 8, refused: 0 },
    says: [/f_group_17\.csv:6: got "", expected a time/],
  },
  {
    what: "EUC-KR",
    bytes: Uint8Array.from([
      ...utf8(`${head}\n0,2019-01-02,08:00:00,1,`),
      ...[0xb0, 0xa1, 0xb5, 0xbf],
      ...utf8(",2019-01-02 08:00:00"),
    ]),
    ...{ shots: 1, values: 2, refused: 0 },
  },
  {
    what: "UTF-16",
    bytes: new Uint8Array(Buffer.from(`\ufeff${table(four)}`, "utf16le")),
    ...{ shots: 4, values: 8, refused: 0 },
  },
  {
    what: "a quotation mark without a partner, twice",
    bytes: cut(table(four).replace(",2,", ',"2,'), ",4,", ',4",'),
    ...{ shots: 4, values: 8, refused: 2 },
    says: [/f_group_20\.csv:3: got a quotation mark without a partner/],
  },
  {
    what: "texts of all kinds",
    bytes: utf8(
      `${table(rows(["1"]))}\n${row(2, "2", '"두 줄,\n""메모"""')}\n${row(3, "3", "😀\u0301';--<b>")}\n${row(4, "4", "가".repeat(5000))}`,
    ),
    ...{ shots: 4, values: 8, refused: 0 },
  },
]

/** Moulds whose names are Korean, have spaces, look alike or are missing; one has two files, one of them empty. */
const names = [
  "f_group_금형 가.csv",
  "f_group_금형 나.csv",
  "f_group_A-1.csv",
  "f_group_a 1.csv",
  "_group_.csv",
  "F_GROUP_UPPER.CSV",
  "g_group_금형 가.csv",
]

export function faultyFiles(): readonly FaultyFile[] {
  const named = names.map((name) => ({
    ...{ what: `a file named ${name}`, name, bytes: utf8(table(four)) },
    ...{ shots: 4, values: 8, refused: 0 },
  }))
  return [...files.map((file, i) => ({ ...file, name: `f_group_${i + 1}.csv` })), ...named]
}
