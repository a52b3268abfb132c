import type { ProblemCode } from "../../../src/model/problem.ts"
import type { Language } from "../../../src/model/text.ts"
import type { ProblemBody } from "../../../src/serve/api.ts"
import { problemsKo } from "./problems-ko.ts"

type Known = Pick<ProblemBody, "code" | "message" | "hint">

/** What happened, in the language of the screens; the server speaks English. */
export function titleOf(problem: Known, language: Language): string {
  return korean(problem, language)?.title ?? problem.message
}

/** The remedy. */
export function hintOf(problem: Known, language: Language): string {
  return korean(problem, language)?.hint ?? problem.hint
}

function korean(problem: Known, language: Language) {
  return language === "ko" && problem.code in problemsKo
    ? problemsKo[problem.code as ProblemCode]
    : undefined
}
