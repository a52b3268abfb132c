import { isAbsolute, join, posix } from "node:path"
import type { LoadRequest, SourceFile } from "../config.ts"
import {
  childOf,
  type Entry,
  type MapEntry,
  type Member,
  type Place,
  type Problems,
  showPlace,
} from "./entry.ts"
import { fillReferences } from "./references.ts"
import { readYaml } from "./yaml.ts"

/** Reads the files of a plant and joins what is included into one tree. */
export class Gatherer {
  readonly #request: LoadRequest
  readonly #problems: Problems
  readonly #sources = new Map<string, string>()
  #broken = false

  constructor(request: LoadRequest, problems: Problems) {
    this.#request = request
    this.#problems = problems
  }

  /** False where a file is missing or broken. */
  get whole(): boolean {
    return !this.#broken
  }

  get sources(): readonly SourceFile[] {
    return [...this.#sources].map(([file, text]) => ({ file, text }))
  }

  /** The whole plant, or undefined where `plant.yaml` cannot be read. */
  plant(): Promise<MapEntry | undefined> {
    const start: Place = { file: "plant.yaml", line: 1, column: 1 }
    return this.#withIncludes("plant.yaml", start, [])
  }

  /** An equipment type; the plant's own folder goes before Moru's. */
  async type(name: string, mentioned: Place): Promise<Entry | undefined> {
    const file = `equipment/${name}.yaml`
    for (const at of [
      join(this.#request.folder, file),
      join(this.#request.typeFolder, `${name}.yaml`),
    ]) {
      const bytes = await this.#read(at, mentioned)
      if (bytes !== undefined) return bytes === "unreadable" ? undefined : this.#parse(file, bytes)
    }
    this.#broken = true
    this.#problems.add(
      "config-unreadable",
      mentioned,
      `type, got "${name}", expected a file ${file} of the plant or of Moru`,
    )
    return undefined
  }

  async #withIncludes(
    file: string,
    mentioned: Place,
    within: readonly string[],
  ): Promise<MapEntry | undefined> {
    const bytes = await this.#read(join(this.#request.folder, file), mentioned)
    if (bytes === undefined)
      this.#problems.add(
        "config-unreadable",
        mentioned,
        `got no file ${file}, expected one in the plant's folder`,
      )
    if (bytes === undefined || bytes === "unreadable") {
      this.#broken = true
      return undefined
    }
    const root = await this.#parse(file, bytes)
    if (root?.kind !== "map") return undefined
    let joined = root
    for (const { path, place } of includesOf(root)) {
      const part = await this.#include({ path, place }, file, [...within, file])
      if (part) joined = this.#join(joined, part)
    }
    return joined
  }

  async #include(
    { path, place }: { path: string; place: Place },
    from: string,
    within: readonly string[],
  ): Promise<MapEntry | undefined> {
    const file = posix.normalize(posix.join(posix.dirname(from), path.replaceAll("\\", "/")))
    if (isAbsolute(path) || file.startsWith("..")) {
      const what = `include, got "${path}", expected a file within the plant's folder`
      this.#problems.add("config-invalid", place, what)
    } else if (within.includes(file)) {
      const what = `include, got "${path}" within itself (${[...within, file].join(" > ")}), expected no circle`
      this.#problems.add("config-invalid", place, what)
    } else if (this.#sources.has(file)) {
      this.#problems.add(
        "config-duplicate",
        place,
        `include, got "${path}" a second time, expected it once`,
      )
    } else return this.#withIncludes(file, place, within)
    return undefined
  }

  /** Maps of the same key are joined; anything else may stand in one file only. */
  #join(into: MapEntry, part: MapEntry): MapEntry {
    const members = new Map(into.members)
    for (const [key, member] of part.members) {
      if (key === "include") continue
      const there = members.get(key)
      members.set(key, there ? this.#joinMember(key, there, member) : member)
    }
    return { ...into, members }
  }

  #joinMember(key: string, there: Member, member: Member): Member {
    if (there.entry.kind !== "map" || member.entry.kind !== "map") {
      this.#duplicate(key, member.key, there.key)
      return there
    }
    const members = new Map(there.entry.members)
    for (const [name, inner] of member.entry.members) {
      const first = members.get(name)
      if (first) this.#duplicate(name, inner.key, first.key)
      else members.set(name, inner)
    }
    return { ...there, entry: { ...there.entry, members } }
  }

  #duplicate(name: string, place: Place, first: Place): void {
    this.#problems.add(
      "config-duplicate",
      place,
      `got "${name}" a second time, expected it only at ${showPlace(first)}`,
    )
  }

  async #parse(file: string, bytes: Uint8Array): Promise<Entry | undefined> {
    this.#sources.set(file, new TextDecoder().decode(bytes))
    const entry = readYaml(file, bytes, this.#problems)
    const { env, files, folder } = this.#request
    const locate = (path: string) => (isAbsolute(path) ? path : join(folder, path))
    if (!entry) this.#broken = true
    return entry && fillReferences(entry, { env, files, locate }, this.#problems)
  }

  async #read(path: string, mentioned: Place): Promise<Uint8Array | "unreadable" | undefined> {
    try {
      return await this.#request.files.read(path)
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown)
      this.#problems.add("config-unreadable", mentioned, why)
      return "unreadable"
    }
  }
}

function includesOf(root: MapEntry): { path: string; place: Place }[] {
  const list = childOf(root, "include")
  if (list?.kind !== "list") return []
  return list.items.flatMap((item) =>
    item.kind === "scalar" && typeof item.value === "string" && item.value !== ""
      ? [{ path: item.value, place: item.place }]
      : [],
  )
}
