import assert from "node:assert/strict"
import { test } from "node:test"
import { isTooLong, readNumber } from "./number.ts"
import { kindOf, readRecording } from "./recording.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string) => readRecording(bytes(text), "shots.csv", "Asia/Seoul")
const cells = (text: string, name: string) => read(text).columns.find((c) => c.name === name)?.cells

test("a byte-order mark is no part of the first column's name", () => {
  assert.deepEqual(cells("\ufeffid,date,time,temp\n1,2019-01-02,16:45:08,720\n", "id"), ["1"])
})

test("a file from an old Korean logger (EUC-KR) is read", () => {
  const euc = [...bytes("datetime,working\n2019-01-02 16:45:08,"), 0xb0, 0xa1, 0xb5, 0xbf, 0x0a]
  const recording = readRecording(Uint8Array.from(euc), "shots.csv", "Asia/Seoul")
  assert.deepEqual(recording.columns[1]?.cells, ["가동"])
})

test("two shots in one second stay two", () => {
  const recording = read("datetime,t\n2019-01-02 16:45:08,1\n2019-01-02 16:45:08,2\n")
  assert.equal(recording.rows, 2)
  assert.equal(recording.at[0], recording.at[1])
  assert.equal(recording.at[0], Date.UTC(2019, 0, 2, 7, 45, 8))
})

test("date and time stand in where datetime can't be read", () => {
  const recording = read("date,time,datetime,t\n2019-01-02,16:45:08,?,1\n")
  assert.equal(recording.at[0], Date.UTC(2019, 0, 2, 7, 45, 8))
  assert.deepEqual(recording.problems, [])
})

test("a row without a time borrows its neighbour's, with a problem that names the line", () => {
  const recording = read("datetime,t\nyesterday,1\n2019-01-02 16:45:08,2\n2019-13-02 16:45:08,3\n")
  assert.equal(recording.at[0], recording.at[1])
  assert.equal(recording.at[2], recording.at[1])
  assert.deepEqual([...recording.timeBorrowed], [1, 0, 1])
  assert.deepEqual(
    recording.problems.map((p) => p.where),
    ["shots.csv:2", "shots.csv:4"],
  )
})

test("a short row has empty cells, a long one a problem, and both keep their values", () => {
  const recording = read("datetime,a,b\n2019-01-02 16:45:08,1\n2019-01-02 16:45:09,1,2,3\n")
  assert.deepEqual(recording.columns[2]?.cells, ["", "2"])
  assert.match(recording.problems[0]?.message ?? "", /shots.csv:3: got "3" beyond the last column/)
})

test("a quotation mark that is never closed costs nothing but itself", () => {
  const recording = read('datetime,a\n2019-01-02 16:45:08,"1\n2019-01-02 16:45:09,2\n')
  assert.equal(recording.rows, 2)
  assert.deepEqual(recording.columns[1]?.cells, ['"1', "2"])
})

test("semicolons, tabs, Windows line ends and doubled names are met", () => {
  assert.deepEqual(cells("datetime;a;a\r\n2019-01-02 16:45:08;1;2\r\n", "a-2"), ["2"])
  assert.deepEqual(cells("datetime\ta\n2019-01-02 16:45:08\t1\n", "a"), ["1"])
})

test("an empty file is a clear problem and stops nothing", () => {
  for (const text of ["", "\ufeff", "\r\n  \r\n"]) {
    const { rows, columns, problems } = read(text)
    assert.deepEqual([rows, columns], [0, []])
    assert.match(problems[0]?.message ?? "", /shots.csv: got an empty file, expected a header line/)
  }
})

test("only what is surely a decimal number is one", () => {
  for (const cell of ["1", "-1.5", "+.5", "1e3", "007"])
    assert.equal(readNumber(cell), Number(cell))
  for (const cell of ["", "NaN", "1,234", "0x10", "Infinity", "1e999", "1 2", "가동"])
    assert.equal(readNumber(cell), undefined)
})

test("a column with a few wrong cells is still one of numbers", () => {
  assert.equal(kindOf(["1", "2", "broken", ""]).kind, "number")
  assert.equal(kindOf(["1", "broken"]).kind, "number")
  assert.equal(kindOf(["가동", "정지", "1"]).kind, "text")
})

test("serial numbers that are too long for a number are kept as texts; one such cell changes no column", () => {
  const long = "9007199254740993"
  assert.deepEqual(kindOf([long, long, "12"]), { kind: "text", isDigits: true })
  assert.deepEqual(kindOf([long, "1", "2"]), { kind: "number", isDigits: false })
  for (const cell of ["9007199254740992", "9007199254740994", "0.12345678901234567", "1e30"])
    assert.equal(isTooLong(cell), false, cell)
  for (const cell of [long, `-${long}`, "123456789012345678901234567890"])
    assert.equal(isTooLong(cell), true, cell)
})

test("every way to break a line is met, mixed in one file too", () => {
  const text =
    "datetime,a\r\n2019-01-02 16:45:08,1\n2019-01-02 16:45:09,2\r\r\n \n2019-01-02 16:45:10,3"
  assert.deepEqual(cells(text, "a"), ["1", "2", "3"])
  assert.deepEqual([...read(text).line], [2, 3, 6])
})

test("names that a header gives twice, or not at all, meet no other name", () => {
  const { columns } = read("a,a,a-2,,column-4,Date,date\n1,2,3,4,5,6,7\n")
  assert.deepEqual(
    columns.map(({ name, isTime }) => (isTime ? `${name}!` : name)),
    ["a", "a-3", "a-2", "column-4-2", "column-4", "Date!", "date!"],
  )
})

test("a file that was cut in the middle of a character is still read as what it is", () => {
  const whole = bytes("datetime,working\n2019-01-02 16:45:08,가동\n2019-01-02 16:45:09,정지")
  const { columns } = readRecording(whole.subarray(0, -1), "shots.csv", "Asia/Seoul")
  assert.deepEqual(columns[1]?.cells, ["가동", "정\ufffd"])
})

test("a quotation mark without a partner costs its own line, wherever the next one stands", () => {
  const lines = [
    "datetime,a,b,c",
    ..."123456".split("").map((n) => `2019-01-02 16:45:0${n},${n},x,y`),
  ]
  lines[2] = lines[2]?.replace("x", '"x') ?? ""
  lines[5] = lines[5]?.replace("y", 'y"') ?? ""
  const broken = read(lines.join("\n"))
  assert.deepEqual(broken.columns[1]?.cells, ["1", "2", "3", "4", "5", "6"])
  assert.equal(broken.columns[2]?.cells[1], '"x')
  assert.match(broken.problems[0]?.message ?? "", /shots.csv:3: got a quotation mark without/)
})

test("quoted cells may hold separators, marks and line breaks", () => {
  const recording = read(
    'datetime,a,b\n2019-01-02 16:45:08, "1,5" ,"say ""no"""\n,"two\nlines",3\n,4,5',
  )
  assert.deepEqual(recording.columns[1]?.cells, ["1,5", "two\nlines", "4"])
  assert.deepEqual(recording.columns[2]?.cells, ['say "no"', "3", "5"])
  assert.deepEqual([...recording.line], [2, 3, 5])
})

test("a file without times has one problem, one with days alone its days", () => {
  const none = read("a\n1\n2\n")
  assert.deepEqual(
    none.problems.map(({ message }) => message),
    [
      "shots.csv: got no column datetime, or date and time, expected a time such as 2019-01-02 16:45:08",
    ],
  )
  const days = read("date,a\n2019-01-02,1\n2019-01-03,2\n")
  assert.deepEqual([...days.at], [Date.UTC(2019, 0, 1, 15), Date.UTC(2019, 0, 2, 15)])
  assert.deepEqual([...days.timeBorrowed], [1, 1])
  assert.equal(days.problems.length, 1)
})
