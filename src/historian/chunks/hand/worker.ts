// The thread in which a history's hand works. It puts its parts together by itself.
import { parentPort, workerData } from "node:worker_threads"
import { nodeDisk } from "../../../kernel/disk/node.ts"
import { problemOf } from "../../../model/problem.ts"
import type { Hand } from "./hand.ts"
import type { Answer, Call } from "./thread.ts"
import { WritingHand } from "./writing-hand.ts"

const { folder } = workerData as { readonly folder: string }
const hand: Hand = new WritingHand(folder, nodeDisk)

parentPort?.on("message", async ({ id, name, argument }: Call) => {
  parentPort?.postMessage(await answer(id, () => hand[name](argument as never)))
})

async function answer(id: number, work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { id, result: await work() }
  } catch (thrown) {
    const { code, where, what } = problemOf(thrown, folder)
    return { id, problem: { code, where, what } }
  }
}
