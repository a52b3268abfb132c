import { slmpDevices } from "../../codec/slmp.ts"
import { bitAt, contentForm, type Place, wordsAt } from "../memory/place.ts"

const form = new RegExp(`^(?<name>[A-Z][0-9A-Z]*)(?:\\.(?<bit>[0-9A-F]))?${contentForm}`, "i")
const example = "D100, D100:float32, D100.A, M10, X1F or W1F*0.1"
const names = Object.keys(slmpDevices).sort((a, b) => b.length - a.length)

/**
 * A device as people write it, such as `D100`, `X1F`, `D100.A`, `D200:float32*0.1`. Bit devices are read in words of sixteen, so that
 * `M10` is bit 10 of the word at M0.
 */
export function parseAddress(address: string): Place | string {
  const part = form.exec(address.trim())?.groups
  if (!part) return `what cannot be read, expected ${example}`
  const found = deviceIn((part.name ?? "").toUpperCase())
  if (!found) return `device "${part.name}", expected one such as ${example}`
  const { name, number, isBit } = found
  if (number > 0xffffff) return `number ${number}, expected one up to 16777215`
  if (part.bit !== undefined) {
    if (isBit) return `a bit of ${name}, expected none as it is one`
    return bitAt({ group: name, start: number, bit: Number.parseInt(part.bit, 16) }, part)
  }
  if (isBit && (part.type ?? "bool") === "bool")
    return bitAt({ group: name, start: Math.floor(number / 16), bit: number % 16 }, part)
  if (isBit && number % 16 !== 0) return `words from ${part.name} on, expected a multiple of 16`
  return wordsAt({ group: name, start: isBit ? number / 16 : number }, part)
}

/** The longest name whose rest is a number: `SB1F` is SB and 1F, `S10` is S and 10. */
function deviceIn(text: string): { name: string; number: number; isBit: boolean } | undefined {
  for (const name of names) {
    const device = slmpDevices[name]
    const digits = text.slice(name.length)
    if (!device || !text.startsWith(name)) continue
    if (!(device.base === 16 ? /^[0-9A-F]{1,6}$/ : /^\d{1,8}$/).test(digits)) continue
    return { name, number: Number.parseInt(digits, device.base), isBit: device.isBit }
  }
  return undefined
}
