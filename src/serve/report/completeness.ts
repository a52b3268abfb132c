import type { KnownGap, Span } from "../../connect/gap.ts"
import { auditDevice, gapPart } from "../../historian/audit.ts"
import { type Completeness, worstOf } from "../../historian/completeness.ts"
import { isWithin, type Path } from "../../model/path.ts"
import type { DeviceConfig } from "../../model/plant.ts"
import { leastSilentMs, tagAt } from "../../namespace/namespace.ts"
import type { ServeParts } from "../serve.ts"

type Parts = Pick<ServeParts, "plant" | "namespace" | "history" | "gaps" | "clock">

/** What is missing of the devices of an equipment, or of all, in an interval; or that nothing is. */
export async function completenessOf(
  asked: { readonly span: Span; readonly equipment?: Path | undefined },
  parts: Parts,
  signal: AbortSignal,
): Promise<Completeness> {
  const { span, equipment } = asked
  const now = parts.clock.now()
  const gaps = (await parts.gaps.list()).toSorted((a, b) => a.from - b.from)
  const jumps = gaps.filter(({ because }) => because === "clock-jump")
  const devices = []
  for (const device of parts.plant().devices) {
    const tags = tagsOf(device, parts)
    if (tags.length === 0) continue
    if (equipment && !tags.some((tag) => isWithin(tag.equipment, equipment))) continue
    const own = gaps.filter((gap: KnownGap) => gap.device === device.name)
    const ids = tags.map(({ id }) => id)
    const silentMs = leastSilentMs(ids, parts.namespace)
    const audited = { device, tags, silentMs, gaps: own, jumps, now, span }
    devices.push(await auditDevice(parts.history, audited, signal))
  }
  const verdict = worstOf(devices.map((device) => device.verdict))
  const clock = jumps.flatMap((jump) => gapPart(jump, { span, now }) ?? [])
  return { ...span, verdict, devices, clock }
}

/** The tags of a device's points and records, each once, in the order of their ids. */
export function tagsOf(device: DeviceConfig, { namespace }: Pick<ServeParts, "namespace">) {
  const paths = new Set<Path>([
    ...device.points.map(({ tag }) => tag),
    ...device.records.flatMap(({ fields }) => fields.map(({ tag }) => tag)),
  ])
  return [...paths]
    .flatMap((path) => {
      const found = tagAt(namespace, path)
      return found ? [{ id: found.id, path, equipment: found.tag.equipment }] : []
    })
    .sort((a, b) => a.id - b.id)
}
