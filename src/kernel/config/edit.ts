import { join } from "node:path"
import { isMap, parseDocument } from "yaml"
import { Problem } from "../../model/problem.ts"
import type { LoadRequest, Patch, PlannedEdit, PlantPatch, SourceFile } from "../config.ts"
import type { Files } from "../files.ts"
import { diffFiles } from "./diff.ts"
import { loadPlant } from "./load.ts"
import { patchYaml } from "./yaml-patch.ts"

const rootFile = "plant.yaml"

/**
 * What a patch of the plant would make of its files. Each thing is changed in the file where it stands; a new one goes to the
 * file that holds its kin. The result is read and checked as a whole. Throws where the files cannot be read as they are.
 */
export async function planEdit(request: LoadRequest, patch: PlantPatch): Promise<PlannedEdit> {
  const now = await loadPlant(request)
  const files = now.sources.filter(({ file, text }) => file === rootFile || isPart(text))
  const [broken] = now.problems
  if (broken && files.length === 0) throw broken
  const edited = [...shared(files, patch)].map(([{ file, text }, part]) => ({
    ...{ file, before: text, after: patchYaml(file, text, part) },
  }))
  const changed = edited.filter(({ before, after }) => before !== after)
  return { files: changed, ...(await checked(request, changed)) }
}

/** A whole new plant in a folder that holds none. Throws `config-duplicate` where there is one. */
export async function planPlant(request: LoadRequest, text: string): Promise<PlannedEdit> {
  if (await request.files.read(join(request.folder, rootFile))) {
    const what = `got a folder with a ${rootFile}, expected one without`
    throw new Problem("config-duplicate", request.folder, what)
  }
  const files = [{ file: rootFile, before: undefined, after: text }]
  return { files, ...(await checked(request, files)) }
}

/**
 * Saves what was planned: each file whole or not at all, and all or none as far as the disk obeys. Throws the first problem
 * of the plan, or `config-outdated` where a file is no longer as it was.
 */
export async function saveEdit(
  { folder, files }: Pick<LoadRequest, "folder" | "files">,
  planned: PlannedEdit,
): Promise<void> {
  const [problem] = planned.problems
  if (problem) throw problem
  for (const { file, before } of planned.files) {
    const present = await textOf(files, join(folder, file))
    if (present === before) continue
    const what = "got a file that was changed since it was read, expected it as it was"
    throw new Problem("config-outdated", file, what)
  }
  const written: { file: string; before: string | undefined }[] = []
  try {
    for (const { file, before, after } of planned.files) {
      written.push({ file, before })
      await files.write(join(folder, file), after)
    }
  } catch (thrown) {
    for (const { file, before } of written) await restore(files, join(folder, file), before)
    throw thrown
  }
}

/** The plan that puts the files back as they were before another was saved. */
export async function planUndo(request: LoadRequest, done: PlannedEdit): Promise<PlannedEdit> {
  const files = done.files.flatMap(({ file, before, after }) =>
    before === undefined ? [] : [{ file, before: after, after: before }],
  )
  return { files, ...(await checked(request, files)) }
}

/** What stands under `equipment` in the files of a plant, joined; as it is written, types and defaults not filled in. */
export function equipmentFiles(sources: readonly SourceFile[]): Readonly<Record<string, unknown>> {
  const parts = sources
    .filter(({ text }) => isPart(text))
    .map(({ text }) => parseDocument(text).toJS())
  return Object.assign({}, ...parts.map((part) => part?.equipment ?? {}))
}

async function restore(files: Files, path: string, text: string | undefined): Promise<void> {
  const done = text === undefined ? files.remove(path) : files.write(path, text)
  await done.catch(() => {})
}

async function textOf(files: Files, path: string): Promise<string | undefined> {
  const bytes = await files.read(path)
  return bytes && new TextDecoder().decode(bytes)
}

/** Reads the plant as if the files were written already. */
async function checked(request: LoadRequest, changed: PlannedEdit["files"]) {
  const texts = new Map(changed.map(({ file, after }) => [join(request.folder, file), after]))
  const read: Files["read"] = async (path) => {
    const text = texts.get(path)
    return text === undefined ? request.files.read(path) : new TextEncoder().encode(text)
  }
  const { files } = request
  const { plant, problems } = await loadPlant({ ...request, files: { ...files, read } })
  const side = (which: "before" | "after"): SourceFile[] =>
    changed.flatMap(({ file, [which]: text }) => (text === undefined ? [] : [{ file, text }]))
  const diff = diffFiles(side("before"), side("after"))
  return { diff, ...(plant && { plant }), problems }
}

/** The part of the patch that each file gets. */
function shared(files: readonly SourceFile[], patch: PlantPatch): ReadonlyMap<SourceFile, Patch> {
  const parts = new Map<SourceFile, Record<string, Patch>>()
  const known = files.map((source) => ({ source, keys: sectionsOf(source.text) }))
  for (const [section, members] of Object.entries(patch))
    for (const [name, change] of Object.entries(members)) {
      const home =
        known.find(({ keys }) => keys[section]?.includes(name)) ??
        known.find(({ keys }) => keys[section]) ??
        known[0]
      if (!home) continue
      const part = parts.get(home.source) ?? {}
      part[section] = { ...part[section], [name]: change }
      parts.set(home.source, part)
    }
  return parts
}

/** Names of the members under each key of a file. */
function sectionsOf(text: string): Readonly<Record<string, readonly string[]>> {
  const { contents } = parseDocument(text)
  if (!isMap(contents)) return {}
  return Object.fromEntries(
    contents.items.map(({ key, value }) => [
      String(key),
      isMap(value) ? value.items.map((item) => String(item.key)) : [],
    ]),
  )
}

function isPart(text: string): boolean {
  return !/^moru:\s*equipment-type\b/m.test(text)
}
