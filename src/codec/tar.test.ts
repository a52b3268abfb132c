import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { suite, test } from "node:test"
import fc from "fast-check"
import { DamagedTar, readTar, tarEnd, tarFill, tarHead } from "./tar.ts"

type Files = readonly (readonly [path: string, content: Uint8Array])[]

function tarOf(files: Files): Uint8Array {
  const parts = files.flatMap(([path, content]) => [
    tarHead({ path, bytes: content.length }),
    content,
    tarFill(content.length),
  ])
  return Buffer.concat([...parts, tarEnd()])
}

/** In pieces of so many bytes. */
async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function filesIn(bytes: Uint8Array, size = 700): Promise<[string, Uint8Array][]> {
  const found: [string, Uint8Array][] = []
  for await (const { path, content } of readTar(cut(bytes, size)))
    found.push([path, new Uint8Array(Buffer.concat(await Array.fromAsync(content)))])
  return found
}

suite("files in one stream", () => {
  test("whatever they hold and however the stream is cut, they come back", async () => {
    const file = fc.tuple(
      fc.stringMatching(/^[a-z0-9./-]{1,200}$/).filter((path) => path.length <= 100),
      fc.uint8Array({ maxLength: 1500 }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 5 }),
        fc.integer({ min: 1, max: 2000 }),
        async (files, size) => {
          assert.deepEqual(await filesIn(tarOf(files), size), files)
        },
      ),
      { numRuns: 60 },
    )
  })

  test("a file that nobody reads is passed over", async () => {
    const bytes = tarOf([
      ["a", new Uint8Array(3000)],
      ["b", new Uint8Array([1])],
    ])
    const paths = []
    for await (const { path } of readTar(cut(bytes, 100))) paths.push(path)
    assert.deepEqual(paths, ["a", "b"])
  })

  test("the system's tar reads ours and we read the system's", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "moru-tar-"))
    const path = `${"folder/".repeat(20)}file.bin`
    const content = new Uint8Array(1000).map((_, i) => i)
    try {
      writeFileSync(join(folder, "ours.tar"), tarOf([[path, content]]))
      try {
        execFileSync("tar", ["xf", "ours.tar"], { cwd: folder, stdio: "pipe" })
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return t.skip("no tar here")
        throw thrown
      }
      assert.deepEqual(new Uint8Array(readFileSync(join(folder, path))), content)
      execFileSync("tar", ["--format=ustar", "-cf", "theirs.tar", path], { cwd: folder })
      const theirs = new Uint8Array(readFileSync(join(folder, "theirs.tar")))
      assert.deepEqual(await filesIn(theirs), [[path, content]])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test("sizes beyond 8 GB stand in the head", async () => {
    for (const bytes of [8 ** 11 - 1, 8 ** 11, 5e12]) {
      const files = readTar(cut(Buffer.concat([tarHead({ path: "big", bytes })]), 512))
      assert.equal((await files.next()).value?.bytes, bytes)
    }
  })

  test("a stream that ends early, a wrong head and what is no file are told", async () => {
    const bytes = tarOf([["a", new Uint8Array(600)]])
    for (const end of [0, 100, 512, 900, 1535, 1536])
      await assert.rejects(filesIn(bytes.subarray(0, end)), DamagedTar)
    const wrong = bytes.slice()
    wrong[0] = 66
    await assert.rejects(filesIn(wrong), /wrong sum/)
    await assert.rejects(filesIn(new Uint8Array(2048).fill(65)), /no head/)
    assert.throws(() => tarHead({ path: "x".repeat(101), bytes: 0 }), RangeError)
  })
})
