import { complain, print } from "../print.ts"
import { MoruClient } from "../values/client.ts"
import { type EnterOptions, enter } from "../values/enter.ts"

export interface EdgeKeyOptions extends EnterOptions {
  readonly edge: string
  readonly json: boolean
}

/** Prints the key and nothing else on standard output, so that it can go straight into a file. */
export async function makeEdgeKey(options: EdgeKeyOptions, signal: AbortSignal): Promise<void> {
  const { edge, url, json } = options
  const client = new MoruClient(url, signal)
  await enter(client, options)
  const key = await client.makeEdgeKey(edge)
  print(json ? JSON.stringify({ edge, key }) : key)
  complain("Put it into the file edge.key of the edge's data folder. It is not shown again.")
}
