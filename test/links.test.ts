// Every link in the documents leads somewhere: to a file that is kept, and to a heading that stands in it.
import assert from "node:assert/strict"
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { suite, test } from "node:test"

const root = join(import.meta.dirname, "..")
const pages = globSync("{*.md,{docs,bench,examples,src,equipment}/**/*.md}", { cwd: root }).sort()

suite("links in the documents", () => {
  test("there are documents", () => assert(pages.length > 20, pages.join()))

  for (const page of pages)
    test(`${page} leads nowhere in vain`, () => {
      assert.deepEqual(
        [...linksIn(page)].filter((link) => !leads(page, link)),
        [],
      )
    })
})

/** Links and pictures of this repository; what stands in code is none. */
function* linksIn(page: string): Iterable<string> {
  const text = readFileSync(join(root, page), "utf8").replace(/^```.*?^```|`[^`\n]*`/gms, "")
  for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g))
    if (!/^[a-z]+:/.test(target)) yield target
}

function leads(page: string, link: string): boolean {
  const [path = "", heading] = link.split("#")
  const file = path === "" ? join(root, page) : join(root, dirname(page), path)
  if (relative(root, file).startsWith("..") || !existsSync(file)) return false
  return heading === undefined || headingsOf(file).has(heading)
}

/** As GitHub names them: lower case, without marks, spaces as dashes. */
function headingsOf(file: string): ReadonlySet<string> {
  const heads = readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)
  const marks = /[^\p{L}\p{N}\p{M} _-]/gu
  return new Set(
    [...heads].map(([, head = ""]) => head.toLowerCase().replace(marks, "").replaceAll(" ", "-")),
  )
}
