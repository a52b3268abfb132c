import { basename, join } from "node:path"
import type { LoadRequest } from "../config.ts"
import { type EquipmentTypeFile, equipmentTypeFile } from "../plant-file.ts"
import { Problems } from "./entry.ts"
import { checkShape } from "./shape.ts"
import { readYaml } from "./yaml.ts"

/**
 * Every equipment type that a plant can name, by `<maker>/<model>`; the plant's own go before Moru's. One that is wrong is
 * left out: who uses it hears of it where the plant is read.
 */
export async function readTypes(
  request: Pick<LoadRequest, "folder" | "typeFolder" | "files">,
): Promise<ReadonlyMap<string, EquipmentTypeFile>> {
  const { files, folder, typeFolder } = request
  const types = new Map<string, EquipmentTypeFile>()
  for (const root of [typeFolder, join(folder, "equipment")])
    for (const maker of await files.list(root)) {
      const models = await files.list(join(root, maker)).catch(() => [])
      for (const model of models.filter((name) => name.endsWith(".yaml"))) {
        const name = `${maker}/${basename(model, ".yaml")}`
        const bytes = await files.read(join(root, maker, model))
        const type = bytes && typeIn(name, bytes)
        if (type) types.set(name, type)
      }
    }
  return types
}

function typeIn(name: string, bytes: Uint8Array): EquipmentTypeFile | undefined {
  const problems = new Problems()
  const entry = readYaml(name, bytes, problems)
  const type = entry && checkShape(equipmentTypeFile, entry, { name, problems })
  return problems.list.length === 0 ? (type as EquipmentTypeFile | undefined) : undefined
}
