import type { Clock } from "./clock.ts"
import type { Random } from "./random.ts"

/** Makes ids that sort by time: 9 characters of time, 7 of chance, in base 32 without look-alikes. */
export type Ids = () => string

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

export function timedIds(clock: Clock, random: Random): Ids {
  return () => {
    let time = Math.floor(clock.now())
    let id = ""
    for (let i = 0; i < 9; i++) {
      id = alphabet.charAt(time % 32) + id
      time = Math.floor(time / 32)
    }
    for (let i = 0; i < 7; i++) id += alphabet.charAt(Math.floor(random.next() * 32))
    return id
  }
}
