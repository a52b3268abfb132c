import type { LedgerRecord } from "../../store/ledger.ts"
import type { LedgerView } from "../api.ts"
import type { KnownPerson, People } from "../people/people.ts"
import { holds, type VisitorKind } from "../rights.ts"

/** Names by person id, as far as the one who asks may know them. */
export type Names = ReadonlyMap<string, string>

export const noNames: Names = new Map()

/** They never stand in the ledger itself, so an erased person is an id in every record. None for guests. */
export async function namesFor(
  { kind }: { readonly kind: VisitorKind },
  people: Pick<People, "list">,
): Promise<Names> {
  if (!holds(kind, "read-people")) return noNames
  const named = (await people.list()).filter(({ name }) => name !== "")
  return new Map(named.map(({ id, name }: KnownPerson) => [id, name]))
}

export function recordViewOf(record: LedgerRecord, names: Names): LedgerView {
  const { id, number, at, kind, subject, by, causes, body, hash } = record
  const byName = names.get(by)
  return {
    id,
    number,
    at,
    kind,
    subject,
    by,
    ...(byName === undefined ? {} : { byName }),
    causes: [...causes],
    body: { ...body },
    hash,
  }
}
