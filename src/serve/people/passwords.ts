import { hash, verify } from "@node-rs/argon2"
import { Problem } from "../../model/problem.ts"

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Each takes 19 MiB and a thread of the pool that files need too. */
const mostAtOnce = 8

/** Hashes passwords and compares with them, a few at a time. */
export class Passwords {
  #underWay = 0
  #nobodys: Promise<string> | undefined

  hash(password: string): Promise<string> {
    return this.#limited(() => hash(normal(password), cost))
  }

  /** Takes the same time whether there is such a person or not. */
  matches(password: string, known: string | undefined): Promise<boolean> {
    return this.#limited(async () => {
      this.#nobodys ??= hash("nobody", cost)
      const same = await verify(known ?? (await this.#nobodys), normal(password))
      return same && known !== undefined
    })
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= mostAtOnce)
      throw new Problem("too-many-requests", "sign-in", `${mostAtOnce} others sign in right now`)
    this.#underWay++
    try {
      return await work()
    } finally {
      this.#underWay--
    }
  }
}

/** The same keys pressed on another system may come composed in another way, above all in Korean (NIST SP 800-63B). */
function normal(password: string): string {
  return password.normalize("NFKC")
}
