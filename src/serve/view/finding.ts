import type { Finding } from "../../analyse/finding.ts"
import type { FindingView } from "../api.ts"

export function findingViewOf(finding: Finding): FindingView {
  const { id, kind, analyser, equipment, at, title, confidence, open, closedAt, record } = finding
  return {
    id,
    kind,
    analyser,
    equipment,
    at,
    title,
    because: [...finding.because],
    confidence,
    measures: { ...finding.measures },
    open,
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(record === undefined ? {} : { record }),
  }
}
