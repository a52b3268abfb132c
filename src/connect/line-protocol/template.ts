import { type Series, seriesText } from "../../codec/line-protocol.ts"

/** The address of a series: as the template makes it, or the whole series where there is none or a tag of it is lacking. */
export function addressOf(series: Series, template: string | undefined): string {
  const made = template === undefined ? undefined : filled(series, template)
  return made ?? seriesText(series)
}

function filled({ measurement, tags, field }: Series, template: string): string | undefined {
  let isWhole = true
  const address = template.replace(/\{(measurement|field|tag:([^{}]+))\}/g, (_, what, key) => {
    if (what === "measurement") return measurement
    if (what === "field") return field
    const value = tags.find(([name]) => name === key)?.[1]
    isWhole &&= value !== undefined
    return value ?? ""
  })
  return isWhole ? address : undefined
}
