import { isAbsolute, join } from "node:path"
import type { EdgeConfig } from "../../model/plant.ts"
import { isLoopback } from "../network.ts"
import type { PlantFile } from "../plant-file.ts"
import { didYouMean } from "../spelling.ts"
import { parseAge, parseBudget } from "../storage-file.ts"
import { type Entry, entryAt, type Problems } from "./entry.ts"

const smallestBudget = 1_000_000

/** The edges of the plant, with what is unsafe or names nothing told as problems. */
export function edgesOf(
  file: PlantFile,
  root: Entry,
  { folder, problems }: { folder: string; problems: Problems },
): readonly EdgeConfig[] {
  const names = Object.keys(file.edges)
  for (const section of ["devices", "machines"] as const)
    for (const [name, { edge }] of Object.entries(file[section])) {
      if (edge === undefined || names.includes(edge)) continue
      const what = `edge, got "${edge}"${didYouMean(edge, names)}, expected one of \`edges\``
      problems.add("config-invalid", entryAt(root, section, name, "edge").place, what)
    }
  return Object.entries(file.edges).map(([name, { to, ca, budget, keep }]) => {
    const entry = entryAt(root, "edges", name)
    const { protocol, hostname } = URL.canParse(to) ? new URL(to) : new URL("none:")
    const isHere = hostname === "localhost" || isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"))
    if (protocol !== "https:" && !(protocol === "http:" && isHere)) {
      const what = `to, got "${to}", expected https, since only this computer is reached without`
      problems.add("config-invalid", entryAt(entry, "to").place, what)
    }
    const parsed = parseBudget(budget)
    const budgetBytes = "bytes" in parsed ? parsed.bytes : 0
    if (budgetBytes < smallestBudget) {
      const what = `budget, got "${budget}", expected at least 1 MB`
      problems.add("config-invalid", entryAt(entry, "budget").place, what)
    }
    return {
      ...{ name, to, budgetBytes, keepMs: parseAge(keep) },
      ...(ca !== undefined && { ca: isAbsolute(ca) ? ca : join(folder, ca) }),
    }
  })
}
