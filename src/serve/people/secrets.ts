import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

/** A secret of so many bits, in characters that can stand in an address. */
export function randomSecret(bits: number): string {
  return randomBytes(bits / 8).toString("base64url")
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

/** Takes the same time wherever the texts differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)))
}
