import { Link } from "@tanstack/react-router"
import { useState } from "react"
import type { DecisionView } from "../../../src/serve/api.ts"
import { useDecisionChange } from "../api/changes.ts"
import { FormDialog, ReasonField } from "../parts/dialog.tsx"
import { RefusedLine } from "../parts/notice.tsx"
import { useTexts } from "../text/text.ts"

/** Approve, reject with a reason, or take back what was written. */
export function DecisionButtons(props: { decision: DecisionView; evidence?: true }) {
  const { t } = useTexts()
  const { decision, evidence } = props
  const change = useDecisionChange()
  const [rejecting, setRejecting] = useState(false)
  const { id } = decision
  const waits = decision.state === "proposed" && decision.policy !== "advise"
  return (
    <>
      <div className="row wrap">
        {waits && (
          <>
            <button
              type="button"
              className="btn pri"
              disabled={change.isPending}
              onClick={() => change.mutate({ act: "approve", id })}
            >
              {t("decision.approve")}
            </button>
            <button type="button" className="btn" onClick={() => setRejecting(true)}>
              {t("decision.reject")}
            </button>
          </>
        )}
        {canRollBack(decision) && (
          <button
            type="button"
            className="btn"
            disabled={change.isPending}
            onClick={() => change.mutate({ act: "roll-back", id })}
          >
            {t("decision.roll-back")}
          </button>
        )}
        {evidence && (
          <Link className="btn push" to="/decisions/$id" params={{ id }}>
            {t("decision.evidence")}
          </Link>
        )}
      </div>
      <RefusedLine error={rejecting ? null : change.error} />
      {rejecting && (
        <FormDialog
          title={t("decision.reject.title")}
          answer={t("decision.reject")}
          close={() => setRejecting(false)}
          busy={change.isPending}
          error={change.error}
          submit={(fields) =>
            change.mutate(
              { act: "reject", id, reason: String(fields.get("reason")) },
              { onSuccess: () => setRejecting(false) },
            )
          }
        >
          <ReasonField rows={3} />
        </FormDialog>
      )}
    </>
  )
}

export function canRollBack(decision: DecisionView): boolean {
  const written = decision.command?.writes.some((write) => write.outcome.state === "done") ?? false
  return written && (decision.state === "done" || decision.state === "measured")
}
