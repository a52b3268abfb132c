import { join } from "node:path"

/** Where Node keeps what it compiled, so that the next start takes half the time; a folder of the user's own. */
export const compiledFolder = join(
  import.meta.dirname,
  "..",
  "..",
  "node_modules",
  ".cache",
  "moru",
)
