import { Problem } from "../../model/problem.ts"
import type { MoruClient } from "./client.ts"
import { askSecret } from "./secret.ts"

export interface EnterOptions {
  readonly url: string
  readonly user?: string
  /** The first administrator's token, where there is none yet. */
  readonly first?: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Signs in, or looks around where that is allowed. Throws `sign-in-needed`, `sign-in-refused`. */
export async function enter(
  client: MoruClient,
  { user, first, env, url }: EnterOptions,
): Promise<void> {
  const { lookAround } = await client.session()
  if (user === undefined) {
    if (lookAround) return
    throw new Problem("sign-in-needed", url, "got no person, expected --user NAME")
  }
  const password = env.MORU_PASSWORD ?? (await askSecret(`Password of ${user}: `))
  if (first !== undefined) await client.becomeFirst(first, { name: user, password })
  else await client.signIn(user, password)
}
