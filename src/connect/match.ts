import type { EquipmentTypeFile } from "../kernel/plant-file.ts"
import type { FoundPoint } from "./connector.ts"
import { tagNameOf } from "./tag-name.ts"

/** How well a type of equipment describes a machine that was browsed. */
export interface TypeMatch {
  /** `<maker>/<model>`. */
  readonly type: string
  /** What stands for `{at}` in the type's addresses, where they ask for it. */
  readonly at?: string
  /** From 0 to 1: the share of the type's addresses that the machine has; one found by its name only counts half. */
  readonly confidence: number
  /** Tags and records of the type that the machine has at the type's address. */
  readonly exact: readonly string[]
  /** Tags that the machine probably has at another address. */
  readonly byName: readonly { readonly tag: string; readonly address: string }[]
  readonly missing: readonly string[]
  /** Points of the machine that the type does not know. */
  readonly extra: number
}

const atMark = "{at}"
/** Less than this is chance. */
const least = 0.3
const mostMatches = 20

/** The types that fit, the best first; a type several times where several of its kind stand at one machine. */
export function matchTypes(
  points: readonly FoundPoint[],
  types: ReadonlyMap<string, EquipmentTypeFile>,
  connector: string,
): TypeMatch[] {
  const machine = indexOf(points)
  return [...types]
    .flatMap(([type, file]) => {
      const wanted = wantedOf(file, connector)
      if (wanted.length === 0) return []
      const places = placesOf(wanted, machine.addresses)
      return places.map((at) => matchAt({ type, wanted, ...(at !== undefined && { at }) }, machine))
    })
    .filter(({ confidence }) => confidence >= least)
    .sort((a, b) => b.confidence - a.confidence || b.exact.length - a.exact.length)
    .slice(0, mostMatches)
}

/** What a machine has, by address and by name. */
interface Machine {
  readonly addresses: readonly string[]
  readonly known: ReadonlySet<string>
  readonly called: ReadonlyMap<string, readonly FoundPoint[]>
}

function indexOf(points: readonly FoundPoint[]): Machine {
  const called = new Map<string, FoundPoint[]>()
  for (const point of points) {
    const { name, within = [] } = point
    for (const each of new Set([tagNameOf(name), tagNameOf([...within.slice(-1), name].join(" "))]))
      called.set(each, [...(called.get(each) ?? []), point])
  }
  const addresses = points.map(({ address }) => address)
  return { addresses, known: new Set(addresses), called }
}

/** A tag or record of a type, and where it stands. */
interface Wanted {
  readonly name: string
  readonly address: string
  readonly isRecord: boolean
  readonly unit?: string
  readonly kind?: string
}

function wantedOf(file: EquipmentTypeFile, connector: string): Wanted[] {
  const tags = Object.entries(file.tags).map(([name, { address, unit, kind }]) => ({
    ...{ name, address: address[connector], isRecord: false, unit, kind },
  }))
  const records = Object.entries(file.records).map(([name, { address }]) => ({
    ...{ name, address: address[connector], isRecord: true },
  }))
  return [...tags, ...records].flatMap(({ address, ...wanted }) =>
    address === undefined ? [] : [{ ...wanted, address }],
  )
}

/** What may stand for `{at}`; one that is undefined where no address asks for it. */
function placesOf(
  wanted: readonly Wanted[],
  addresses: readonly string[],
): readonly (string | undefined)[] {
  const marked = wanted.filter(({ address }) => address.includes(atMark))
  if (marked.length === 0) return [undefined]
  const places = marked.flatMap((one) => addresses.map((found) => placeIn(one, found)))
  return [...new Set(places.filter((at) => at !== undefined))]
}

/** What stands for `{at}` where the address that was found is the wanted one, or beneath the wanted record. */
function placeIn({ address, isRecord }: Wanted, found: string): string | undefined {
  const [before = "", after = ""] = address.split(atMark)
  if (!found.startsWith(before)) return undefined
  const rest = found.slice(before.length)
  const end = after === "" ? (isRecord ? rest.search(/[./|]/) : rest.length) : rest.indexOf(after)
  if (end <= 0) return undefined
  const at = rest.slice(0, end)
  const whole = address.replaceAll(atMark, at)
  return found === whole || (isRecord && isBeneath(found, whole)) ? at : undefined
}

function matchAt(
  of: { type: string; wanted: readonly Wanted[]; at?: string },
  { addresses, known, called }: Machine,
): TypeMatch {
  const { type, at } = of
  const wanted = of.wanted.map((one) => ({
    ...{ ...one, address: one.address.replaceAll(atMark, at ?? "") },
  }))
  const isThere = ({ address, isRecord }: Wanted) =>
    isRecord ? addresses.some((found) => isBeneath(found, address)) : known.has(address)
  const exact = wanted.filter(isThere)
  const taken = new Set(exact.map(({ address }) => address))
  const byName: { tag: string; address: string }[] = []
  for (const one of wanted) {
    // At another place the same name is another machine.
    if (at !== undefined || exact.includes(one)) continue
    const other = sameName(one, called, taken)
    if (!other) continue
    taken.add(other.address)
    byName.push({ tag: one.name, address: other.address })
  }
  const found = new Set([...exact.map(({ name }) => name), ...byName.map(({ tag }) => tag)])
  const records = wanted.filter(({ isRecord }) => isRecord)
  const isKnown = (address: string) =>
    taken.has(address) || records.some((record) => isBeneath(address, record.address))
  return {
    ...{ type, ...(at !== undefined && { at }) },
    confidence: (exact.length + byName.length / 2) / wanted.length,
    exact: exact.map(({ name }) => name),
    byName,
    missing: wanted.map(({ name }) => name).filter((name) => !found.has(name)),
    extra: addresses.filter((address) => !isKnown(address)).length,
  }
}

/** A record's columns have addresses that go on from the record's own. */
function isBeneath(address: string, record: string): boolean {
  return address.startsWith(record) && /^[./|]/.test(address.slice(record.length))
}

/** The only point that is called as the tag or as its address ends, in the same unit. */
function sameName(
  { name, address, isRecord, unit, kind }: Wanted,
  called: Machine["called"],
  taken: ReadonlySet<string>,
): FoundPoint | undefined {
  if (isRecord) return undefined
  const names = new Set([tagNameOf(name), tagNameOf(/[^=;/]*$/.exec(address)?.[0] ?? "")])
  const same = new Set([...names].flatMap((each) => called.get(each) ?? []))
  const fit = [...same].filter(
    (point) =>
      !taken.has(point.address) &&
      point.kind === kind &&
      (point.unit === undefined || point.unit === unit),
  )
  return fit.length === 1 ? fit[0] : undefined
}
