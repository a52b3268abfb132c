// Writes the generated pages of docs/reference from the code: `npm run generate`. A test fails where they are stale.
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { generatePages } from "./generate/pages.ts"

const root = join(import.meta.dirname, "..")
for (const [file, text] of await generatePages(root)) {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
  console.log(file)
}
