import { Problem } from "../../model/problem.ts"
import type { KnownPerson, People } from "./people.ts"
import { randomSecret, sameSecret } from "./secrets.ts"

/** The one way to the first administrator: a token that is shown on the machine's own console and works once. */
export class FirstAdministrator {
  readonly #people: People
  #token: string | undefined

  constructor(people: People) {
    this.#people = people
  }

  /** The token to show, while there is no administrator. */
  async token(): Promise<string | undefined> {
    if (await this.#people.hasAdministrator()) return undefined
    this.#token ??= randomSecret(128)
    return this.#token
  }

  /** Throws `sign-in-refused` for another token, or where there is an administrator. */
  async create(draft: { token: string; name: string; password: string }): Promise<KnownPerson> {
    const token = this.#token
    if (token === undefined || !sameSecret(token, draft.token.trim()))
      throw new Problem("sign-in-refused", "token", "it is not the one on the console")
    this.#token = undefined
    try {
      return await this.#people.add({ ...draft, role: "administrator" }, "self")
    } catch (thrown) {
      this.#token = token
      throw thrown
    }
  }
}
