import type { EquipmentFile } from "../plant-file.ts"
import { didYouMean } from "../spelling.ts"
import { childOf, type Entry, entryAt, type Place, type Problems } from "./entry.ts"

/** One device of an equipment, and where the equipment stands at it. */
export interface Link {
  readonly device: string
  /** Undefined where the plant has no such device; that is known by then. */
  readonly connector: string | undefined
  readonly at?: string
  readonly place: Place
}

/** Stands in the addresses of a type for what differs between equipment of that type at one device. */
const atMark = "{at}"

/** The devices of an equipment in the order in which its tags look for an address. */
export function linksOf(
  { device }: EquipmentFile,
  entry: Entry,
  { devices, problems }: { devices: ReadonlyMap<string, string>; problems: Problems },
): Link[] {
  if (device === undefined) return []
  const given = Array.isArray(device) ? device : [device]
  return given.map((one, i) => {
    const { name, at } = typeof one === "string" ? { name: one, at: undefined } : one
    const whole = entryAt(entry, "device")
    const own = childOf(whole, i) ?? whole
    const { place } = childOf(own, "name") ?? own
    const connector = devices.get(name)
    if (connector === undefined) {
      const near = didYouMean(name, devices.keys())
      const what = `device, got "${name}"${near}, expected the name of a device`
      problems.add("config-invalid", place, what)
    }
    return { device: name, connector, place, ...(at !== undefined && { at }) }
  })
}

/** The first link whose connector has an address, with the address filled in. */
export function addressAt(
  links: readonly Link[],
  addresses: Readonly<Record<string, string>>,
  problems: Problems,
): { readonly link: Link; readonly address: string } | undefined {
  for (const link of links) {
    const address = link.connector && addresses[link.connector]
    if (!address) continue
    if (address.includes(atMark) && link.at === undefined) {
      const what = `device, got "${link.device}" without \`at\`, expected { name: ${link.device}, at: ... } since the address "${address}" asks where the equipment stands`
      problems.add("config-invalid", link.place, what)
    }
    return { link, address: address.replaceAll(atMark, link.at ?? "") }
  }
  return undefined
}
