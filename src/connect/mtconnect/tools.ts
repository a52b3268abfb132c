import type { CuttingTool } from "../../codec/mtconnect.ts"

const life = /^ToolLife\.(MINUTES|PART_COUNT|WEAR)(?:\.(limit|warning|initial))?$/
const texts = ["CutterStatus", "ProgramToolNumber", "SerialNumber", "ToolId"]

/** Fields of a cutting tool that points may name: `ToolLife.MINUTES`, `ToolLife.MINUTES.limit`, `CutterStatus`, ... */
export function isToolField(field: string): boolean {
  return life.test(field) || texts.includes(field)
}

/** What stands in the field; null where the tool does not say it. */
export function toolField(tool: CuttingTool, field: string): number | string | null {
  const [, type, limit] = life.exec(field) ?? []
  if (type !== undefined) {
    const mine = tool.life.find((one) => one.type === type)
    return mine?.[(limit ?? "value") as "value" | "limit" | "warning" | "initial"] ?? null
  }
  if (field === "CutterStatus") return tool.status.join(", ")
  if (field === "ProgramToolNumber") return tool.programToolNumber ?? null
  return (field === "ToolId" ? tool.toolId : tool.serialNumber) ?? null
}
