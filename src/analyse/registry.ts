import type { AnalyserKind } from "./finding.ts"

/** Every kind of analyser by the name that `plant.yaml` uses. */
export const analysers: Readonly<Record<string, () => Promise<AnalyserKind>>> = {
  drift: async () => (await import("./drift/drift.ts")).drift,
  "bad-run": async () => (await import("./bad-run/bad-run.ts")).badRun,
}
