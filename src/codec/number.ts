const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** The number in a text, or undefined where a person could not say for sure which it is. */
export function readNumber(text: string): number | undefined {
  if (!decimal.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

/** True for an integer of more digits than a double holds, such as 9007199254740993. */
export function isTooLong(text: string): boolean {
  if (text.length < 16 || !/^[+-]?\d+$/.test(text)) return false
  const number = Number(text)
  return !Number.isFinite(number) || BigInt(text.replace("+", "")) !== BigInt(number)
}
