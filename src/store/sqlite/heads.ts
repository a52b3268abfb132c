import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto"
import { join } from "node:path"
import type { Files } from "../../kernel/files.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { canonicalJson } from "../chain.ts"

/** What a chain was at one moment. Signed, it is proof outside the database. */
export interface Head {
  readonly node: string
  readonly number: number
  readonly hash: string
  readonly at: Instant
}

/** The heads as read back: those whose signature holds, and what is wrong with the others. */
export interface Heads {
  readonly signed: readonly Head[]
  readonly wrong: readonly string[]
}

const keyFile = "ledger-key.pem"
const publicKeyFile = "ledger-key.pub.pem"
const headsFile = "heads.jsonl"

/** The key that signs heads. It is made at the first start and never leaves the folder. */
export async function openKey(folder: string, files: Files): Promise<KeyObject> {
  const kept = await files.read(join(folder, keyFile))
  if (kept) return createPrivateKey(Buffer.from(kept))
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const pem = privateKey.export({ type: "pkcs8", format: "pem" })
  await files.write(join(folder, publicKeyFile), publicPem(publicKey))
  await files.write(join(folder, keyFile), pem, { mode: 0o600 })
  return privateKey
}

/** For who checks without the right to sign. Throws `not-found`. */
export async function readPublicKey(folder: string, files: Files): Promise<KeyObject> {
  const path = join(folder, publicKeyFile)
  const kept = await files.read(path)
  if (!kept) throw new Problem("not-found", path, "no key that could check the ledger's heads")
  return createPublicKey(Buffer.from(kept))
}

export async function appendHead(
  folder: string,
  head: Head,
  { files, key }: { readonly files: Files; readonly key: KeyObject },
): Promise<void> {
  const { node, number, hash, at } = head
  const signature = sign(null, contentOf(head), key).toString("base64")
  const line = { node, number, hash, at, key: fingerprint(createPublicKey(key)), signature }
  await files.append(join(folder, headsFile), `${JSON.stringify(line)}\n`)
}

/** Takes away half a line that a power cut left at the end; it never counted. */
export async function mendHeads(folder: string, files: Files): Promise<void> {
  const path = join(folder, headsFile)
  const content = await files.read(path)
  if (!content) return
  const end = content.lastIndexOf(10) + 1
  if (end < content.length) await files.write(path, content.subarray(0, end))
}

export async function readHeads(folder: string, files: Files, key: KeyObject): Promise<Heads> {
  const content = await files.read(join(folder, headsFile))
  const lines = content ? new TextDecoder().decode(content).split("\n") : []
  const signed: Head[] = []
  const wrong: string[] = []
  for (const [index, line] of lines.entries()) {
    if (line === "") continue
    const head = parseHead(line, key)
    if (head) signed.push(head)
    else wrong.push(`${headsFile}:${index + 1}: not signed by this key`)
  }
  return { signed, wrong }
}

function parseHead(line: string, key: KeyObject): Head | undefined {
  try {
    const { node, number, hash, at, signature } = JSON.parse(line) as Head & { signature: string }
    const head = { node, number, hash, at }
    return verify(null, contentOf(head), key, Buffer.from(signature, "base64")) ? head : undefined
  } catch {
    return undefined
  }
}

function contentOf({ node, number, hash, at }: Head): Buffer {
  return Buffer.from(canonicalJson({ node, number, hash, at }))
}

function publicPem(key: KeyObject): string | Buffer {
  return key.export({ type: "spki", format: "pem" })
}

/** Short name of a key: the start of the SHA-256 of its public part. */
export function fingerprint(key: KeyObject): string {
  const der = key.export({ type: "spki", format: "der" })
  return createHash("sha256").update(der).digest("hex").slice(0, 16)
}
