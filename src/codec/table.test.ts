import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { deflateRawSync } from "node:zlib"
import excel from "exceljs"
import fc from "fast-check"
import { Problem } from "../model/problem.ts"
import { cellPlace, readTable, type TableCell, tableLimits, writeTable } from "./table.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)
const cellsOf = async (bytes: Uint8Array, file = "a.csv") =>
  (await readTable(bytes, file)).rows.map(({ cells }) => cells)

async function bookOf(fill: (book: excel.Workbook) => void): Promise<Uint8Array> {
  const book = new excel.Workbook()
  fill(book)
  return new Uint8Array(await book.xlsx.writeBuffer())
}

const isUnreadable = (says: RegExp) => (thrown: unknown) => {
  assert(thrown instanceof Problem)
  assert.equal(thrown.code, "table-unreadable")
  assert.match(thrown.message, says)
  return true
}

suite("a table in CSV", () => {
  test("is read whatever program wrote it", async () => {
    const expected = [
      ["이름", "값"],
      ["온도", "1,5"],
    ]
    assert.deepEqual(await cellsOf(utf8('\ufeff이름;값\r\n온도;"1,5"\r\n')), expected)
    assert.deepEqual(await cellsOf(utf8("이름\t값\n\n온도\t1,5\n")), expected)
    const eucKr = [0xc0, 0xcc, 0xb8, 0xa7, 0x2c, 0xb0, 0xaa, 0x0a]
    assert.deepEqual(await cellsOf(Uint8Array.from(eucKr)), [["이름", "값"]])
  })

  test("keeps codes as they stand, and says where each row began", async () => {
    const { rows } = await readTable(utf8('code,note\n007,"two\nlines"\n\n008,\n'), "a.csv")
    assert.deepEqual(rows, [
      { number: 1, cells: ["code", "note"] },
      { number: 2, cells: ["007", "two\nlines"] },
      { number: 5, cells: ["008", null] },
    ])
  })

  test("costs one line where a quotation mark has no partner", async () => {
    const { problems, rows } = await readTable(utf8('a,b\n1,"2\n3,4\n'), "a.csv")
    assert.deepEqual(
      problems.map(({ where }) => where),
      ["a.csv:2"],
    )
    assert.equal(rows.length, 3)
  })
})

suite("a table in Excel", () => {
  test("gives values, results of formulas and dates as the wall clock shows them", async () => {
    const bytes = await bookOf((book) => {
      const hidden = book.addWorksheet("Notes")
      hidden.state = "hidden"
      hidden.addRow(["not this"])
      const sheet = book.addWorksheet("Tags")
      sheet.addRow(["name", "value"])
      sheet.getCell("A3").value = { richText: [{ text: "te" }, { text: "mp" }] }
      sheet.getCell("B3").value = { formula: "1+1", result: 2 }
      sheet.getCell("C3").value = new Date("2026-07-28T14:03:05.250Z")
      sheet.getCell("E3").value = true
      sheet.getCell("A4").value = { text: "here", hyperlink: "https://example.com" }
    })
    const table = await readTable(bytes, "tags.xlsx")
    const wall = { year: 2026, month: 7, day: 28, hour: 14, minute: 3, second: 5.25 }
    assert.equal(table.sheet, "Tags")
    assert.deepEqual(table.rows, [
      { number: 1, cells: ["name", "value"] },
      { number: 3, cells: ["temp", 2, wall, null, true] },
      { number: 4, cells: ["here"] },
    ])
    assert.deepEqual((await readTable(bytes, "tags.xlsx", { sheet: "Notes" })).rows[0]?.cells, [
      "not this",
    ])
    await assert.rejects(
      readTable(bytes, "tags.xlsx", { sheet: "Tag" }),
      isUnreadable(/got sheets "Notes", "Tags", expected "Tag"/),
    )
  })

  test("names the cell whose formula failed, and keeps the others", async () => {
    const bytes = await bookOf((book) => {
      const sheet = book.addWorksheet("S")
      sheet.getCell("B2").value = { error: "#DIV/0!" }
      sheet.getCell("C2").value = { formula: "1/0", result: { error: "#DIV/0!" } }
      sheet.getCell("D2").value = 4
    })
    const { rows, problems } = await readTable(bytes, "a.xlsx")
    assert.deepEqual(rows, [{ number: 2, cells: [null, null, null, 4] }])
    assert.deepEqual(
      problems.map(({ message }) => message),
      [
        'a.xlsx:S!B2: got "#DIV/0!", expected a value',
        'a.xlsx:S!C2: got "#DIV/0!", expected a value',
      ],
    )
  })
})

suite("a file that is no table", () => {
  test("is refused with what it is", async () => {
    const old = Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1])
    await assert.rejects(readTable(old, "a.xls"), isUnreadable(/old or locked Excel file/))
    const picture = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13])
    await assert.rejects(readTable(picture, "a.csv"), isUnreadable(/neither text nor/))
    await assert.rejects(readTable(zipOf("a.txt", utf8("x")), "a.xlsx"), isUnreadable(/^a\.xlsx/))
  })

  test("is refused where it is larger than a limit", async () => {
    const limits = { ...tableLimits, bytes: 100, rows: 3, columns: 2 }
    const read = (text: string) => readTable(utf8(text), "a.csv", { limits })
    await assert.rejects(read("x".repeat(101)), isUnreadable(/101 bytes, expected at most 100/))
    await assert.rejects(read("1\n2\n3\n4"), isUnreadable(/4 rows, expected at most 3/))
    await assert.rejects(read("1,2\n1,2,3"), isUnreadable(/a\.csv:2: got 3 columns/))
    const wide = await bookOf((book) => {
      book.addWorksheet("S").getCell("XFD1").value = 1
    })
    await assert.rejects(
      readTable(wide, "a.xlsx"),
      isUnreadable(/S row 1: got column 16384, expected at most 1000/),
    )
  })

  test("is refused before it is unpacked where it would grow huge, whatever its directory says", async () => {
    const bomb = zipOf("xl/worksheets/sheet1.xml", new Uint8Array(200_000_000))
    assert(bomb.length < 300_000)
    await assert.rejects(readTable(bomb, "a.xlsx"), isUnreadable(/unpacks to more than 60000000/))
  })

  test("never ends in anything but its own problem", async () => {
    const whole = await writeTable({ rows: [["a", 1, true]] }, "xlsx")
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 })
    const property = fc.asyncProperty(damage, fc.nat(whole.length), async (marks, cut) => {
      const bytes = whole.slice(0, cut % 3 === 0 ? cut : whole.length)
      for (const [at, byte] of marks) bytes[at] = byte
      await readTable(bytes, "a.xlsx").catch((thrown) => isUnreadable(/a\.xlsx/)(thrown))
    })
    await fc.assert(property, { seed: 7, numRuns: 60 })
  })
})

suite("a table that was written", () => {
  const wall = { year: 2026, month: 1, day: 5, hour: 8, minute: 0, second: 9.5 }
  const rows: TableCell[][] = [
    ["이름", "b", "c", "d"],
    ["=1+1", 1.5, true, wall],
    ["'-x", null, 'q"u;o', 0],
    ["-x", "two\nlines", " @x", "+"],
  ]

  test("reads back as it was from Excel", async () => {
    const back = await cellsOf(await writeTable({ rows, sheet: "표" }, "xlsx"), "a.xlsx")
    assert.deepEqual(back.slice(0, 3), rows.slice(0, 3))
    assert.deepEqual(back[3], ["-x", "two\nlines", "@x", "+"])
  })

  test("reads back as texts from CSV, and no text is a formula there", async () => {
    const bytes = await writeTable({ rows }, "csv")
    assert.deepEqual([...bytes.slice(0, 3)], [0xef, 0xbb, 0xbf])
    assert.match(new TextDecoder().decode(bytes), /\r\n'=1\+1,1\.5,true,2026-01-05 08:00:09\.5\r\n/)
    assert.deepEqual(await cellsOf(bytes), [
      ["이름", "b", "c", "d"],
      ["=1+1", "1.5", "true", "2026-01-05 08:00:09.5"],
      ["'-x", null, 'q"u;o', "0"],
      ["-x", "two\nlines", "@x", "+"],
    ])
  })

  test("has its places named as Excel does", () => {
    const at = (column: number) => cellPlace({ file: "a.xlsx", sheet: "S" }, 7, column)
    assert.deepEqual([0, 25, 26, 701, 702].map(at), [
      "a.xlsx:S!A7",
      "a.xlsx:S!Z7",
      "a.xlsx:S!AA7",
      "a.xlsx:S!ZZ7",
      "a.xlsx:S!AAA7",
    ])
    assert.equal(cellPlace({ file: "a.csv" }, 7, 2), "a.csv:7:3")
  })
})

/** A ZIP with one file, whose directory says that it unpacks to ten bytes. */
function zipOf(name: string, content: Uint8Array): Uint8Array {
  const data = deflateRawSync(content)
  const path = utf8(name)
  const fields = (head: readonly number[], length: number) => {
    const view = new DataView(new ArrayBuffer(length))
    for (const [i, byte] of head.entries()) view.setUint8(i, byte)
    return view
  }
  const local = fields([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8], 30)
  const entry = fields([0x50, 0x4b, 1, 2, 20, 0, 20, 0, 0, 0, 8], 46)
  for (const [view, at] of [
    [local, 18],
    [entry, 20],
  ] as const) {
    view.setUint32(at, data.length, true)
    view.setUint32(at + 4, 10, true)
    view.setUint16(at + 8, path.length, true)
  }
  const end = fields([0x50, 0x4b, 5, 6], 22)
  end.setUint16(8, 1, true)
  end.setUint16(10, 1, true)
  end.setUint32(12, 46 + path.length, true)
  end.setUint32(16, 30 + path.length + data.length, true)
  const bytesOf = (view: DataView) => new Uint8Array(view.buffer)
  return Buffer.concat([bytesOf(local), path, data, bytesOf(entry), path, bytesOf(end)])
}
