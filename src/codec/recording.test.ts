import assert from "node:assert/strict"
import { test } from "node:test"
import { kindOf, readNumber, readRecording } from "./recording.ts"

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

test("an empty file is a clear problem", () => {
  assert.throws(() => read(""), /shots.csv: got an empty file, expected a header line/)
})

test("only what is surely a decimal number is one", () => {
  for (const cell of ["1", "-1.5", "+.5", "1e3", "007"])
    assert.equal(readNumber(cell), Number(cell))
  for (const cell of ["", "NaN", "1,234", "0x10", "Infinity", "1e999", "1 2", "가동"])
    assert.equal(readNumber(cell), undefined)
})

test("a column with a few wrong cells is still one of numbers", () => {
  assert.equal(kindOf(["1", "2", "broken", ""]), "number")
  assert.equal(kindOf(["가동", "정지", "1"]), "text")
})
