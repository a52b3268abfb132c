import { inflateRawSync } from "node:zlib"
import { Problem } from "../../model/problem.ts"

const mostFiles = 2000

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4
}

/**
 * Unpacks every file of a ZIP (APPNOTE 6.3) once, within `mostBytes` altogether, so that a small file that unpacks to a huge
 * one is found before a library believes what its directory says. Throws `table-unreadable`.
 */
export function checkZip(bytes: Uint8Array, file: string, mostBytes: number): void {
  let left = mostBytes
  try {
    for (const packed of packedFiles(new DataView(bytes.buffer, bytes.byteOffset, bytes.length))) {
      left -= packed.isStored
        ? packed.data.length
        : inflateRawSync(packed.data, { maxOutputLength: Math.max(1, left) }).length
      if (left < 0) throw new Error("too large")
    }
  } catch (cause) {
    const what = `got a file that is damaged or unpacks to more than ${mostBytes} bytes, expected an Excel file`
    throw new Problem("table-unreadable", file, what, { cause })
  }
}

/** The files by the central directory (4.3.12), which is the one that libraries follow. */
function* packedFiles(view: DataView) {
  const end = endOfDirectory(view)
  const count = view.getUint16(end + 10, true)
  if (count > mostFiles) throw new Error(`${count} files`)
  let at = view.getUint32(end + 16, true)
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error("no directory entry")
    const method = view.getUint16(at + 10, true)
    if (method !== 0 && method !== 8) throw new Error(`packed by method ${method}`)
    const size = view.getUint32(at + 20, true)
    const local = view.getUint32(at + 42, true)
    const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
    if (from + size > view.byteLength) throw new Error("beyond the end")
    yield {
      isStored: method === 0,
      data: new Uint8Array(view.buffer, view.byteOffset + from, size),
    }
    at += 46 + [28, 30, 32].reduce((sum, field) => sum + view.getUint16(at + field, true), 0)
  }
}

function endOfDirectory(view: DataView): number {
  const shortest = 22
  const longestComment = 65_535
  const last = view.byteLength - shortest
  for (let at = last; at >= Math.max(0, last - longestComment); at--)
    if (view.getUint32(at, true) === 0x06054b50) return at
  throw new Error("no directory")
}
