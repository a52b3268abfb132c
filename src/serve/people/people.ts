import type { Ids } from "../../kernel/ids.ts"
import type { PersonId, Role } from "../../model/command.ts"
import { Problem } from "../../model/problem.ts"
import type { LedgerDraft } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { Passwords } from "./passwords.ts"

/** A person as kept: the only place where the name stands, so that it can be erased. */
export interface KnownPerson {
  readonly id: PersonId
  readonly name: string
  readonly role: Role
  readonly active: boolean
  /** argon2id, with its salt and cost; absent after the person was erased. */
  readonly password?: string
}

/** Who adds or changes; `self` for the first administrator, who adds themselves. */
type By = PersonId | "self"

interface Parts {
  readonly store: Store
  readonly ids: Ids
  readonly passwords: Passwords
}

/** The people who may sign in. Every change is in the ledger, by ids alone. */
export class People {
  readonly #parts: Parts
  /** Changes go one after another, so that two can't take the same name or remove the last administrator. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  list(): Promise<readonly KnownPerson[]> {
    return this.#parts.store.list<KnownPerson>("person")
  }

  get(id: PersonId): Promise<KnownPerson | undefined> {
    return this.#parts.store.get<KnownPerson>("person", id)
  }

  async named(name: string): Promise<KnownPerson | undefined> {
    const key = nameKey(name)
    return (await this.list()).find((person) => person.active && nameKey(person.name) === key)
  }

  async hasAdministrator(): Promise<boolean> {
    return (await this.list()).some(isAdministrator)
  }

  /** Throws `request-invalid` where somebody has that name. */
  add(draft: { name: string; password: string; role: Role }, by: By): Promise<KnownPerson> {
    return this.#inTurn(async () => {
      const { ids, passwords } = this.#parts
      const name = draft.name.normalize("NFC").trim()
      if (name === "") throw refusal("name", 'got "", expected a name')
      if (await this.named(name)) throw refusal("name", `got "${name}", which somebody has`)
      const password = await passwords.hash(draft.password)
      const person = { id: ids(), name, role: draft.role, active: true, password }
      const { id, role } = person
      await this.#save(person, {
        kind: "person.added",
        by: by === "self" ? id : by,
        body: { role },
      })
      return person
    })
  }

  /** Throws `not-found`, and `request-invalid` for what would leave nobody who may administer. */
  change(
    id: PersonId,
    change: { role?: Role; active?: boolean; password?: string },
    by: PersonId,
  ): Promise<KnownPerson> {
    return this.#inTurn(async () => {
      const { password, ...facts } = change
      const before = await this.#known(id)
      const hash =
        password === undefined ? before.password : await this.#parts.passwords.hash(password)
      const after = { ...before, ...facts, ...(hash === undefined ? {} : { password: hash }) }
      await this.#keepsAdministrator(after)
      const body = { ...facts, ...(password === undefined ? {} : { password: "changed" }) }
      await this.#save(after, { kind: "person.changed", by, body })
      return after
    })
  }

  /** Forgets the name and the password; the id stays, since the ledger names it. */
  erase(id: PersonId, by: PersonId): Promise<void> {
    return this.#inTurn(async () => {
      const { role } = await this.#known(id)
      const after = { id, name: "", role, active: false }
      await this.#keepsAdministrator(after)
      await this.#save(after, { kind: "person.changed", by, body: { active: false, erased: true } })
    })
  }

  async #known(id: PersonId): Promise<KnownPerson> {
    const person = await this.get(id)
    if (person) return person
    throw new Problem("not-found", `person ${id}`, "there is no such person")
  }

  async #keepsAdministrator(after: KnownPerson): Promise<void> {
    if (isAdministrator(after)) return
    const others = (await this.list()).filter(({ id }) => id !== after.id)
    const before = await this.get(after.id)
    if (before && isAdministrator(before) && !others.some(isAdministrator))
      throw refusal(`person ${after.id}`, "this is the last administrator, expected another before")
  }

  async #save(person: KnownPerson, record: Pick<LedgerDraft, "kind" | "by" | "body">) {
    await this.#parts.store.commit({
      records: [{ ...record, subject: person.id, causes: [] }],
      puts: [{ collection: "person", id: person.id, document: person }],
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

export function isAdministrator({ role, active }: KnownPerson): boolean {
  return active && role === "administrator"
}

/** Names that look the same are the same. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase()
}

function refusal(where: string, what: string): Problem {
  return new Problem("request-invalid", where, what)
}
