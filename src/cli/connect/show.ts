/** Lines of a table in columns; a column ends two blanks behind its longest cell, the last one as it is. */
export function columns(rows: readonly (readonly string[])[], longest = 60): string[] {
  const cut = rows.map((row) => row.map((cell) => shortened(cell.replace(/\s+/g, " "), longest)))
  const widths = (cut[0] ?? []).map((_, i) => Math.max(...cut.map((row) => widthOf(row[i] ?? ""))))
  return cut.map((row) =>
    row
      .map((cell, i) => cell + " ".repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)) + 2))
      .join("")
      .trimEnd(),
  )
}

/** Hangul and other wide letters take two places on a terminal (Unicode Standard Annex 11). */
function widthOf(text: string): number {
  const wide = text.match(/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/g)
  return text.length + (wide?.length ?? 0)
}

function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 3)}...`
}

/** On a terminal, where nobody asked for plain text. */
export function isColourful(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && env.NO_COLOR === undefined
}

export function red(text: string, colourful: boolean): string {
  return colourful ? `\u001b[31m${text}\u001b[39m` : text
}
