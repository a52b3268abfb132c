import { Problem } from "./problem.ts"

declare const brand: unique symbol

/** The address of one equipment or tag, such as `hwaseong/casting/line-1/dc-1/die-temperature`. */
export type Path = string & { readonly [brand]: "Path" }

const name = /^[a-z0-9][a-z0-9_-]*$/

/** Checks a path that came from outside. Throws `path-invalid`. */
export function parsePath(text: string): Path {
  const bad = text.split("/").find((part) => !name.test(part))
  if (bad === undefined) return text as Path
  throw new Problem("path-invalid", `path "${text}"`, `got "${bad}", expected a name`)
}

/** Joins names beneath a path. The names are trusted: they were parsed when they entered. */
export function joinPath(base: Path, ...names: readonly string[]): Path {
  return [base, ...names].join("/") as Path
}

/** The equipment that a tag or equipment stands in, or undefined at the top. */
export function parentOf(path: Path): Path | undefined {
  const cut = path.lastIndexOf("/")
  return cut < 0 ? undefined : (path.slice(0, cut) as Path)
}

/** The last name of a path. */
export function nameOf(path: Path): string {
  return path.slice(path.lastIndexOf("/") + 1)
}

/** True if `path` is `base` or stands beneath it. */
export function isWithin(path: Path, base: Path): boolean {
  return path === base || path.startsWith(`${base}/`)
}

/**
 * Compiles a pattern over paths: `*` stands for one name, `**` for any number of names (none included).
 * The result is linear in the length of the path.
 */
export function compilePattern(pattern: string): (path: Path) => boolean {
  const wanted = pattern.split("/")
  return (path) => matches(wanted, path.split("/"))
}

function matches(wanted: readonly string[], names: readonly string[]): boolean {
  let w = 0
  let n = 0
  let starW = -1
  let starN = 0
  while (n < names.length) {
    const part = wanted[w]
    if (part === "**") {
      starW = w++
      starN = n
    } else if (part !== undefined && (part === "*" || part === names[n])) {
      w++
      n++
    } else if (starW >= 0) {
      w = starW + 1
      n = ++starN
    } else return false
  }
  while (wanted[w] === "**") w++
  return w === wanted.length
}
