import type { Files } from "../files.ts"
import { didYouMean } from "../spelling.ts"
import type { Entry, MapEntry, Member, Problems, ScalarEntry } from "./entry.ts"

/** From where `${env:NAME}` and `${file:path}` are filled in. */
export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly files: Files
  /** Makes a path of the system from one in a file; relative ones start at the plant's folder. */
  readonly locate: (path: string) => string
}

const reference = /\$\{([^}]*)\}/g

/** Fills in every reference beneath the entry. What is missing goes to `problems`; its value then is an empty text. */
export async function fillReferences(
  entry: Entry,
  sources: Sources,
  problems: Problems,
): Promise<Entry> {
  if (entry.kind === "scalar") return fillScalar(entry, sources, problems)
  if (entry.kind === "list") {
    const items: Entry[] = []
    for (const item of entry.items) items.push(await fillReferences(item, sources, problems))
    return { ...entry, items }
  }
  return fillMap(entry, sources, problems)
}

async function fillMap(entry: MapEntry, sources: Sources, problems: Problems): Promise<MapEntry> {
  const members = new Map<string, Member>()
  for (const [key, member] of entry.members)
    members.set(key, {
      key: member.key,
      entry: await fillReferences(member.entry, sources, problems),
    })
  return { ...entry, members }
}

async function fillScalar(
  entry: ScalarEntry,
  sources: Sources,
  problems: Problems,
): Promise<ScalarEntry> {
  const { value } = entry
  if (typeof value !== "string" || !value.includes("${")) return entry
  let filled = ""
  let from = 0
  for (const match of value.matchAll(reference)) {
    filled += value.slice(from, match.index)
    from = match.index + match[0].length
    const found = await look(match[1] ?? "", sources)
    if ("value" in found) filled += found.value
    else problems.add(found.code, entry.place, found.what)
  }
  return { ...entry, value: filled + value.slice(from), template: value }
}

type Found =
  | { readonly value: string }
  | { readonly code: "config-missing-secret" | "config-invalid"; readonly what: string }

async function look(inner: string, sources: Sources): Promise<Found> {
  const [, kind = inner, name = ""] = /^([^:]*):(.*)$/s.exec(inner) ?? []
  if (kind === "env") return lookInEnvironment(name, sources)
  if (kind === "file") return lookInFile(name, sources)
  return {
    code: "config-invalid",
    what: `got "\${${inner}}"${didYouMean(kind, ["env", "file"])}, expected \${env:NAME} or \${file:path}`,
  }
}

function lookInEnvironment(text: string, sources: Sources): Found {
  const [, name = text, fallback] = /^(.*?):-(.*)$/s.exec(text) ?? []
  const value = sources.env[name] || fallback
  if (value !== undefined) return { value }
  return {
    code: "config-missing-secret",
    what: `the environment variable ${name} is not set, expected a value for \${env:${name}}`,
  }
}

async function lookInFile(path: string, sources: Sources): Promise<Found> {
  try {
    const bytes = await sources.files.read(sources.locate(path))
    if (bytes) return { value: new TextDecoder().decode(bytes).replace(/\r?\n$/, "") }
  } catch {
    // Unreadable is as good as missing to whoever reads the problem.
  }
  return {
    code: "config-missing-secret",
    what: `the file ${path} cannot be read, expected a value for \${file:${path}}`,
  }
}
