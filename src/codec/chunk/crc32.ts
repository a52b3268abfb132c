/** CRC-32 as zlib and Ethernet have it (ISO 8802-3, 3.2.9; reflected polynomial 0xEDB88320), four bytes a step. */
const tables = Array.from({ length: 4 }, () => new Uint32Array(256))
const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]

for (let i = 0; i < 256; i++) {
  let sum = i
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  t0[i] = sum
}
for (let i = 0; i < 256; i++) {
  let sum = t0[i] ?? 0
  for (const table of [t1, t2, t3]) {
    sum = (t0[sum & 255] ?? 0) ^ (sum >>> 8)
    table[i] = sum
  }
}

/** Of the bytes from `from` on. */
export function crc32(bytes: Uint8Array, from: number): number {
  const { length } = bytes
  let sum = -1
  let i = from
  for (; i + 4 <= length; i += 4) {
    sum ^=
      (bytes[i] ?? 0) |
      ((bytes[i + 1] ?? 0) << 8) |
      ((bytes[i + 2] ?? 0) << 16) |
      ((bytes[i + 3] ?? 0) << 24)
    sum =
      (t3[sum & 255] ?? 0) ^
      (t2[(sum >>> 8) & 255] ?? 0) ^
      (t1[(sum >>> 16) & 255] ?? 0) ^
      (t0[sum >>> 24] ?? 0)
  }
  for (; i < length; i++) sum = (t0[(sum ^ (bytes[i] ?? 0)) & 255] ?? 0) ^ (sum >>> 8)
  return ~sum >>> 0
}
