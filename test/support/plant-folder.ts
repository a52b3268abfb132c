import assert from "node:assert/strict"
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A copy of the files of `examples/one-machine` with its machine type, to be edited as people do. */
export class PlantFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async open(): Promise<PlantFolder> {
    const path = await mkdtemp(join(tmpdir(), "moru-plant-"))
    await cp("examples/one-machine", path, { recursive: true })
    await cp("equipment", join(path, "equipment"), { recursive: true })
    return new PlantFolder(path)
  }

  /** Replaces a text that stands there once; gives a function that puts it back. */
  async edit(file: string, from: string, to: string): Promise<() => Promise<void>> {
    const path = join(this.path, file)
    const before = await readFile(path, "utf8")
    assert.equal(before.split(from).length, 2, `${file} holds ${from} once`)
    await writeFile(path, before.replace(from, to))
    return () => writeFile(path, before)
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}
