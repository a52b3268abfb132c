import { ascii, type Message } from "./ascii.ts"
import { isDigit, readDigits, readTwelve } from "./digits.ts"

/** What a time counts. */
export const precisions = ["ns", "us", "ms", "s", "m", "h"] as const
export type Precision = (typeof precisions)[number]

/** How many of a time's last digits are less than a millisecond. */
const fractions: Readonly<Record<Precision, number>> = { ns: 6, us: 3, ms: 0, s: 0, m: 0, h: 0 }
/** Milliseconds of the number before those digits. */
const wholes: Readonly<Record<Precision, number>> = {
  ...{ ns: 1, us: 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
}

/** Reads the times of messages. Most have the digits of our days: 13 up to the millisecond. */
export class TimeReader {
  /** Behind the time that was read last. */
  end = 0
  #fraction = 0
  #perMs = 1
  #wholeMs = 1

  start(precision: Precision): void {
    this.#fraction = fractions[precision]
    this.#perMs = 10 ** this.#fraction
    this.#wholeMs = wholes[precision]
  }

  /** Milliseconds since 1970, to the next double (about a quarter of a microsecond); NaN where it is no time. */
  read(message: Message, from: number): number {
    const { bytes, view, end } = message
    const split = from + 13
    const to = split + this.#fraction
    if (this.#wholeMs !== 1 || to >= end || isDigit(bytes[to] ?? 0))
      return this.#readOther(message, from)
    const seconds = readTwelve(view, from)
    const last = (bytes[split - 1] ?? 0) - ascii.zero
    const rest = readDigits(bytes, split, to)
    if (seconds < 0 || last < 0 || last > 9 || rest < 0) return this.#readOther(message, from)
    this.end = to
    return seconds * 10 + last + rest / this.#perMs
  }

  #readOther(message: Message, from: number): number {
    const { bytes } = message
    let to = from
    if (bytes[to] === ascii.minus) to++
    while (isDigit(bytes[to] ?? 0)) to++
    const [, sign = "", digits = ""] = /^(-?)(\d{1,19})$/.exec(message.text(from, to)) ?? []
    if (digits === "") return Number.NaN
    this.end = to
    const split = Math.max(0, digits.length - this.#fraction)
    const whole = Number(digits.slice(0, split)) * this.#wholeMs
    const ms = whole + Number(digits.slice(split)) / this.#perMs
    return sign === "-" ? -ms : ms
  }
}
