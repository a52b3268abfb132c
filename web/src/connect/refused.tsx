import type { DeviceView } from "../../../src/serve/api.ts"
import { hintOf, titleOf } from "../text/problem.ts"
import { useTexts } from "../text/text.ts"

/** What is wrong with a device or an edge, and what to do. */
export function Refused({ problem }: { problem: NonNullable<DeviceView["problem"]> }) {
  const { language } = useTexts()
  return (
    <div className="refused">
      <b>{titleOf(problem, language)}</b>
      {hintOf(problem, language)}
      {language === "ko" && <small className="muted"> {problem.message}</small>}
    </div>
  )
}
