import { createHash, timingSafeEqual } from "node:crypto"

/**
 * The secret in an `Authorization` header: what stands behind `Bearer` or `Token`, or the password of `Basic` or of
 * `Token user:password`, as InfluxDB 1 has it. Empty where there is none.
 */
export function secretIn(authorization = ""): string {
  const [, scheme = "", given = ""] =
    /^(Bearer|Basic|Token) +(\S+)$/i.exec(authorization.trim()) ?? []
  if (scheme.toLowerCase() === "bearer") return given
  const plain = scheme.toLowerCase() === "basic" ? Buffer.from(given, "base64").toString() : given
  return plain.replace(/^[^:]*:/, "")
}

/** Takes as long whatever was given: both are hashed to one length first. */
export function isSameSecret(given: string, own: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(given), digest(own))
}
