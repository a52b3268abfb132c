import type { Random } from "../../src/kernel/random.ts"

/** Bytes that formats give a meaning to. */
const telling = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x22, 0x3c, 0x5b, 0x7b]

/** A message as a broken machine, a bad line or somebody with ill will sends it: bytes changed, cut, doubled or put in. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let wrong = Uint8Array.from(bytes)
  for (let n = 1 + Math.floor(random.next() * 4); n > 0; n--) {
    const at = Math.floor(random.next() * wrong.length)
    const way = random.next()
    if (way < 0.5) wrong[at] = byteOf(random)
    else if (way < 0.7) wrong[at] = (wrong[at] ?? 0) ^ (1 << Math.floor(random.next() * 8))
    else if (way < 0.8) wrong = wrong.slice(0, at)
    else if (way < 0.9) wrong = spliced(wrong, at, Uint8Array.of(byteOf(random)))
    else wrong = spliced(wrong, at, wrong.slice(at, at + Math.floor(random.next() * 40)))
  }
  return wrong
}

function byteOf(random: Random): number {
  const drawn = Math.floor(random.next() * 256)
  return random.next() < 0.5 ? drawn : (telling[drawn % telling.length] ?? 0)
}

function spliced(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes.length + more.length)
  whole.set(bytes.subarray(0, at))
  whole.set(more, at)
  whole.set(bytes.subarray(at), at + more.length)
  return whole
}
