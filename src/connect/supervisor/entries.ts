import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { Entry, Point } from "../connector.ts"
import type { Connection } from "./connection.ts"

/** A value that a person noted of a tag. */
export interface Noted {
  readonly path: Path
  readonly value: Value
  readonly at: Instant
}

/** What became of the entries of one call. */
export interface Entered {
  /** One for each entry, in their order: what is wrong with it, or nothing where it was stored. */
  readonly problems: readonly (Problem | undefined)[]
  /** The record of what was stored; absent where nothing was. */
  readonly record?: LedgerId
}

interface Place {
  readonly connection: Connection
  readonly point: Point
}

/** Brings what people note to the devices of its tags, and keeps who noted it. */
export class Entries {
  readonly #find: (target: Path) => Place | undefined
  readonly #store: Pick<Store, "commit">

  constructor(find: (target: Path) => Place | undefined, store: Pick<Store, "commit">) {
    this.#find = find
    this.#store = store
  }

  /** Entries of one device are stored all or none. Resolves once they and who made them are durable. */
  async enter(noted: readonly Noted[], by: string): Promise<Entered> {
    const problems: (Problem | undefined)[] = noted.map(() => undefined)
    const groups = new Map<Connection, { readonly index: number; readonly entry: Entry }[]>()
    for (const [index, { path, value, at }] of noted.entries()) {
      const place = this.#find(path)
      if (!place) problems[index] = new Problem("not-found", path, "no device has this value")
      else {
        const group = groups.get(place.connection) ?? []
        groups.set(place.connection, [
          ...group,
          { index, entry: { point: place.point, value, at } },
        ])
      }
    }
    const stored: number[] = []
    for (const [connection, group] of groups) {
      const wrong = await enterInto(
        connection,
        group.map(({ entry }) => entry),
      )
      for (const [i, { index }] of group.entries()) problems[index] = wrong[i]
      if (wrong.every((problem) => !problem)) stored.push(...group.map(({ index }) => index))
    }
    if (stored.length === 0) return { problems }
    const entries = noted.filter((_, index) => stored.includes(index))
    return { problems, record: await this.#record(entries, by) }
  }

  async #record(entries: readonly Noted[], by: string): Promise<LedgerId> {
    const [first, ...others] = entries
    const subject = first && others.length === 0 ? first.path : "plant"
    const [record] = await this.#store.commit({
      records: [{ kind: "entry.made", subject, by, causes: [], body: { entries } }],
    })
    return record?.id ?? ""
  }
}

async function enterInto(
  { device, health }: Connection,
  entries: readonly Entry[],
): Promise<readonly (Problem | undefined)[]> {
  if (device && !device.enter)
    return entries.map(({ point }) => {
      const what = `got an entry, but ${health.device} measures this value`
      return new Problem("value-refused", point.tag.path, what)
    })
  try {
    if (device?.enter) return await device.enter(entries)
    throw new Problem("connection-lost", health.device, "entries are not taken now")
  } catch (thrown) {
    const problem = problemOf(thrown, health.device)
    return entries.map(() => problem)
  }
}
