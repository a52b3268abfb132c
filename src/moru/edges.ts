import { EdgeDesk, type EdgeDeskOptions } from "../connect/edge/desk.ts"
import type { EdgeDevice, KnownEdge } from "../connect/edge.ts"
import type { Path } from "../model/path.ts"
import type { DeviceConfig, Plant } from "../model/plant.ts"
import type { TagId } from "../model/tag.ts"
import { type Namespace, tagAt } from "../namespace/namespace.ts"

/** The edges of a plant that may change, as the loop needs them. */
export class EdgesOfPlant {
  readonly desk: EdgeDesk
  readonly #namespace: Namespace
  #plant: Plant

  constructor(
    plant: Plant,
    options: Omit<EdgeDeskOptions, "edges" | "tagOf"> & { readonly namespace: Namespace },
  ) {
    const { namespace } = options
    this.#plant = plant
    this.#namespace = namespace
    const tagOf = (path: Path) => tagAt(namespace, path)?.tag
    this.desk = new EdgeDesk({ ...options, edges: edgesIn(plant), tagOf })
  }

  update(plant: Plant): void {
    this.#plant = plant
    this.desk.update(edgesIn(plant))
  }

  /** Ids of the tags that a device behind an edge brings; undefined where it is none. */
  readonly tagsOf = (name: string): readonly TagId[] | undefined => {
    const device = this.#plant.devices.find((one) => one.name === name && one.edge !== undefined)
    return device && pathsOf(device).flatMap((path) => tagAt(this.#namespace, path)?.id ?? [])
  }
}

/** The devices that this Moru reads itself. */
export function ownDevices({ devices }: Plant): readonly DeviceConfig[] {
  return devices.filter(({ edge }) => edge === undefined)
}

/** The plant's edges with the devices that each reads. */
export function edgesIn({ edges = [], devices, tags }: Plant): readonly KnownEdge[] {
  const equipmentOf = new Map(tags.map(({ path, equipment }) => [path, equipment]))
  return edges.map(({ name }) => ({
    name,
    devices: devices
      .filter(({ edge }) => edge === name)
      .map((device): EdgeDevice => {
        const equipment = pathsOf(device).flatMap((path) => equipmentOf.get(path) ?? [])
        const ofRecords = device.records.map((record) => record.equipment)
        return {
          ...{ name: device.name, connector: device.connector },
          equipment: [...new Set([...equipment, ...ofRecords])],
        }
      }),
  }))
}

function pathsOf({ points, records }: DeviceConfig): readonly Path[] {
  const fields = records.flatMap((record) => record.fields)
  return [...points, ...fields].map(({ tag }) => tag)
}
