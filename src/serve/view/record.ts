import type { LedgerRecord } from "../../store/ledger.ts"
import type { LedgerView } from "../api.ts"
import type { KnownPerson, People } from "../people/people.ts"

type Names = ReadonlyMap<string, string>

/** Names by person id. They never stand in the ledger itself, so an erased person is an id in every record. */
export async function namesOf(people: Pick<People, "list">): Promise<Names> {
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
