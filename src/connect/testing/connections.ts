import { join } from "node:path"
import { Metrics } from "../../kernel/metrics.ts"
import type { Path } from "../../model/path.ts"
import type { CycleConfig, DeviceConfig } from "../../model/plant.ts"
import type { Tag } from "../../model/tag.ts"
import { connectors } from "../registry.ts"
import { Connections } from "../supervisor/connections.ts"
import type { Rig } from "./rig.ts"

/** The supervisor of some devices in a rig, whose sink knows the tags. */
export function connectionsOf(
  rig: Rig,
  tags: readonly Tag[],
  devices: readonly DeviceConfig[],
  cycles: readonly CycleConfig[] = [],
) {
  const { clock, random, log, files, registry, network } = rig.host
  const metrics = new Metrics()
  const known = new Map(
    tags.map((tag) => [tag.path, { id: registry.tagId(tag.path, tag.kind), tag }]),
  )
  rig.sink.know([...known.values()].map((tag) => ({ ...tag, address: "" })))
  const connections = new Connections({
    ...{ devices, cycles, connectors, clock, random, log, files, registry, network, metrics },
    tags: (path: Path) => known.get(path),
    folder: join(rig.folder, "devices"),
    plantFolder: rig.folder,
    trust: rig.trust,
    store: rig.store,
    deliver: rig.sink.deliver,
    lastSequence: rig.sink.lastSequence,
    lastRow: rig.sink.lastRow,
    lastAt: rig.sink.lastAt,
    silences: async () => ({ left: [], rows: 0 }),
  })
  return { connections, metrics }
}
