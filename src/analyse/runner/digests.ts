import { digestOf } from "../../historian/digest.ts"
import type { History } from "../../historian/historian.ts"
import type { Namespace } from "../../namespace/namespace.ts"
import type { Evidence } from "../../store/ledger.ts"

/** Adds to each evidence the digest of the samples in its interval; one without samples stands on cycles alone. */
export async function withDigests(
  because: readonly Evidence[],
  from: { namespace: Namespace; history: History; signal: AbortSignal },
): Promise<readonly Evidence[]> {
  return Promise.all(because.map((evidence) => withDigest(evidence, from)))
}

async function withDigest(
  evidence: Evidence,
  { namespace, history, signal }: Parameters<typeof withDigests>[1],
): Promise<Evidence> {
  const { tag, from, to } = evidence
  const id = namespace.idOf(tag)
  if (id === undefined) return evidence
  const blocks = await Array.fromAsync(history.read({ tags: [id], from, to }, signal))
  if (blocks.every((block) => block.length === 0)) return evidence
  return { ...evidence, digest: await digestOf(blocks) }
}
