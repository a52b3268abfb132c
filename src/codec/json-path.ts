/** Names and positions from a document's root to a value. */
export type JsonPath = readonly (string | number)[]

const step = /\.?([^.[\]"\s][^.[\]"]*)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]/y

/**
 * Reads a path such as `values.temp[0]`; a name with dots or brackets stands in quotes: `["a.b"].c`. `$` alone is the whole
 * document, and may begin any path. Undefined for what is no path.
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (text === "" || text.startsWith(".")) return undefined
  const steps: (string | number)[] = []
  step.lastIndex = /^\$($|[.[])/.test(text) ? 1 : 0
  while (step.lastIndex < text.length) {
    const key = keyOf(step.exec(text))
    if (key === undefined) return undefined
    steps.push(key)
  }
  return steps
}

function keyOf(match: RegExpExecArray | null): string | number | undefined {
  const [, name, position, quoted] = match ?? []
  if (quoted !== undefined) return keyIn(quoted)
  return position === undefined ? name : Number(position)
}

/** The value at a path; undefined where the document has none. */
export function pickJson(document: unknown, path: JsonPath): unknown {
  let at = document
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string | number, unknown>)[key]
  }
  return at
}

/** The text that `parseJsonPath` reads as this path. */
export function jsonPathText(path: JsonPath): string {
  const text = path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`
      return /^[^.[\]"\s$][^.[\]"]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
    })
    .join("")
  return text.replace(/^\./, "") || "$"
}

/** Every number, boolean and text of a document with its path, in its order, down to `deepest` steps. */
export function* jsonLeaves(
  document: unknown,
  deepest = 20,
  path: JsonPath = [],
): Generator<{ readonly path: JsonPath; readonly value: number | boolean | string }> {
  if (typeof document === "number" || typeof document === "boolean" || typeof document === "string")
    yield { path, value: document }
  if (typeof document !== "object" || document === null || path.length === deepest) return
  const isList = Array.isArray(document)
  for (const [key, value] of Object.entries(document))
    yield* jsonLeaves(value, deepest, [...path, isList ? Number(key) : key])
}

function keyIn(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted)
  } catch {
    return undefined
  }
}
