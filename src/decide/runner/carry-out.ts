import type { Ids } from "../../kernel/ids.ts"
import type { Log } from "../../kernel/log.ts"
import type { Instant } from "../../model/instant.ts"
import { problemOf } from "../../model/problem.ts"
import type { Text } from "../../model/text.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Decision, MeasuredEffect } from "../decide.ts"
import type { Docket } from "./docket.ts"

/** How the command of a decision ended; the gate's result in the words that matter here. */
export interface ActResult {
  /** The id that the decision gave the command before it was sent. */
  readonly command: string
  readonly state: "done" | "refused" | "expired" | "failed" | "unknown" | "partial"
  readonly at: Instant
  /** Ledger record of the command's end. */
  readonly record: LedgerId
  /** What stood in the way, where it is not done. */
  readonly because?: Text
}

/** How decisions reach the gate and the measuring of effects, which stand after this part. */
export interface Hands {
  /** Submits the decision's body as the command with the id `decision.command`. */
  act(decision: Decision, causes: readonly LedgerId[]): Promise<ActResult>
  /** Resolves when the window after the act has passed; rejects when the signal aborts. */
  measure(decision: Decision, result: ActResult, signal: AbortSignal): Promise<MeasuredEffect>
  /** How a command of an earlier run ended; undefined where it was never sent. */
  resultOf(command: string): ActResult | undefined
}

interface Tools {
  readonly docket: Docket
  readonly hands: Hands
  readonly ids: Ids
  readonly log: Log
  readonly signal: AbortSignal
}

/** Carries an approved or automatic decision out, once, and follows it until its effect is measured. Never throws. */
export async function carryOut(id: string, tools: Tools): Promise<void> {
  const { docket, hands, ids, log } = tools
  try {
    const causes = [docket.lastRecord(id)].filter((record) => record !== undefined)
    const before = docket.get(id)
    if (!before) return
    const by = `decide:${before.decider}`
    // The command's id is durable before anything is sent, so that after a crash its end can be looked up.
    const acting = await docket.step(id, { to: "acting", by, facts: { command: ids() } })
    const result = await hands.act(acting, causes)
    await conclude(acting, result, tools)
  } catch (thrown) {
    const { message } = problemOf(thrown, `decision ${id}`)
    log.error("a decision could not be carried out", { decision: id, problem: message })
    await giveUp(id, unknownEnd(message), tools)
  }
}

/** After a start: what was under way is looked up, never sent again. Never throws. */
export async function recover(decision: Decision, tools: Tools): Promise<void> {
  const { state, command, id } = decision
  try {
    if (state === "approved") await giveUp(id, cutBefore, tools)
    const result = command === undefined ? undefined : tools.hands.resultOf(command)
    if (state === "acting") {
      if (result) await conclude(decision, result, tools)
      else await giveUp(id, cutUnsent, tools)
    }
    if (state === "done" && result) await follow(decision, result, tools)
  } catch (thrown) {
    const { message } = problemOf(thrown, `decision ${id}`)
    tools.log.error("a decision could not be taken up again", { decision: id, problem: message })
  }
}

async function conclude(decision: Decision, result: ActResult, tools: Tools): Promise<void> {
  const { docket } = tools
  const { id, decider } = decision
  const by = `decide:${decider}`
  const causes = [result.record]
  if (result.state !== "done") {
    const failure = result.because ?? noEnd(result.state)
    const body = { failure, command: result.command, outcome: result.state }
    await docket.step(id, {
      to: "failed",
      kind: "decision.failed",
      by,
      causes,
      facts: { failure },
      body,
    })
    return
  }
  const body = { command: result.command }
  const done = await docket.step(id, { to: "done", kind: "decision.done", by, causes, body })
  await follow(done, result, tools)
}

async function follow(decision: Decision, result: ActResult, tools: Tools): Promise<void> {
  const { docket, hands, signal, log } = tools
  if (!decision.expected || decision.effect) return
  const by = `decide:${decision.decider}`
  let effect: MeasuredEffect
  try {
    effect = await hands.measure(decision, result, signal)
  } catch (thrown) {
    // After a stop it is measured anew at the next start.
    if (!signal.aborted)
      log.error("an effect was not measured", { problem: problemOf(thrown, decision.id).message })
    return
  }
  if (docket.get(decision.id)?.state !== "done") return
  const measured = effect.state === "measured"
  await docket.step(decision.id, {
    to: measured ? "measured" : "done",
    kind: measured ? "effect.measured" : "effect.not-measurable",
    by,
    facts: { effect },
    body: { effect },
  })
}

async function giveUp(id: string, failure: Text, tools: Tools): Promise<void> {
  const { docket, log } = tools
  const decision = docket.get(id)
  if (decision?.state !== "approved" && decision?.state !== "acting") return
  const by = `decide:${decision.decider}`
  const step = {
    to: "failed",
    kind: "decision.failed",
    by,
    facts: { failure },
    body: { failure },
  } as const
  await docket.step(id, step).catch((thrown) => {
    log.error("a failed decision could not be recorded", {
      decision: id,
      problem: problemOf(thrown, "decide").message,
    })
  })
}

const cutBefore: Text = {
  en: "Moru stopped before it was carried out",
  ko: "실행하기 전에 Moru가 멈췄습니다",
}

const cutUnsent: Text = {
  en: "Moru stopped before the command was sent",
  ko: "명령을 보내기 전에 Moru가 멈췄습니다",
}

function unknownEnd(message: string): Text {
  return {
    en: `the outcome is unknown: ${message}`,
    ko: `결과를 알 수 없습니다: ${message}`,
  }
}

function noEnd(state: ActResult["state"]): Text {
  return { en: `the command is ${state}`, ko: `명령의 상태가 ${state}입니다` }
}
