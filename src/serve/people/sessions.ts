import type { Clock } from "../../kernel/clock.ts"
import type { PersonId } from "../../model/command.ts"
import type { Instant } from "../../model/instant.ts"
import type { LedgerDraft } from "../../store/ledger.ts"
import type { Put, Store } from "../../store/store.ts"
import { randomSecret, sha256 } from "./secrets.ts"

/** A sign-in as kept: whoever reads the data folder finds no token to use. */
interface Session {
  /** SHA-256 of the token, hex. */
  readonly id: string
  readonly person: PersonId
  readonly startedAt: Instant
  readonly seenAt: Instant
}

export const idleMs = 8 * 3_600_000
export const longestMs = 24 * 3_600_000
const noteMs = 60_000
const mostOfOne = 20

/** Who is signed in, by a random token that only the browser keeps. */
export class Sessions {
  readonly #store: Store
  readonly #wall: Clock

  constructor(store: Store, wall: Clock) {
    this.#store = store
    this.#wall = wall
  }

  /** Begins a session and gives its token. Sessions that are over, and a person's oldest beyond some, go. */
  async begin(person: PersonId): Promise<string> {
    const token = randomSecret(256)
    const now = this.#wall.now()
    const session: Session = { id: sha256(token), person, startedAt: now, seenAt: now }
    const all = await this.#store.list<Session>("session")
    const own = all.filter((s) => s.person === person).sort((a, b) => b.startedAt - a.startedAt)
    const gone = [...all.filter((s) => this.#isOver(s)), ...own.slice(mostOfOne - 1)]
    await this.#store.commit({
      records: [record("person.signed-in", person)],
      puts: [...gone.map(removal), { collection: "session", id: session.id, document: session }],
    })
    return token
  }

  /** Whose session this is; undefined where it is over or there is none. */
  async personOf(token: string): Promise<PersonId | undefined> {
    const session = await this.#store.get<Session>("session", sha256(token))
    if (!session || this.#isOver(session)) return undefined
    const seenAt = this.#wall.now()
    if (seenAt - session.seenAt > noteMs)
      await this.#store.commit({
        puts: [{ collection: "session", id: session.id, document: { ...session, seenAt } }],
      })
    return session.person
  }

  async end(token: string): Promise<void> {
    const session = await this.#store.get<Session>("session", sha256(token))
    if (!session) return
    await this.#store.commit({
      records: [record("person.signed-out", session.person)],
      puts: [removal(session)],
    })
  }

  /** Ends all sessions of a person, but the one with this token. */
  async endAllOf(person: PersonId, but?: string): Promise<void> {
    const spared = but === undefined ? undefined : sha256(but)
    const all = await this.#store.list<Session>("session")
    const puts = all.filter((s) => s.person === person && s.id !== spared).map(removal)
    if (puts.length > 0) await this.#store.commit({ puts })
  }

  #isOver(session: Session): boolean {
    const now = this.#wall.now()
    return now - session.seenAt > idleMs || now - session.startedAt > longestMs
  }
}

/** To be sent with each change: only the page that holds the session's cookie can be told it. */
export function csrfOf(token: string): string {
  return sha256(`csrf ${token}`)
}

function removal(session: Session): Put {
  return { collection: "session", id: session.id, document: undefined }
}

function record(kind: LedgerDraft["kind"], person: PersonId): LedgerDraft {
  return { kind, subject: person, by: person, causes: [], body: {} }
}
