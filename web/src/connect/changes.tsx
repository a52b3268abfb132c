import { useState } from "react"
import { useConfirmChange, useRejectChange } from "../api/changes.ts"
import { usePendingChanges, usePlant } from "../api/queries.ts"
import { FormDialog, ReasonField } from "../parts/dialog.tsx"
import { Loaded, Notice, RefusedLine } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { dayTime } from "../text/format.ts"
import { useTexts } from "../text/text.ts"

/** Changes of the plant's files that bear on safety, until a named engineer confirms them. */
export function Changes() {
  const { t } = useTexts()
  const { timezone } = usePlant()
  const changes = usePendingChanges()
  const confirm = useConfirmChange()
  const reject = useRejectChange()
  const [rejecting, setRejecting] = useState<string>()
  return (
    <Panel title={t("changes.title")} sub={t("changes.sub")}>
      <Loaded query={changes}>
        {(all) =>
          all.length === 0 ? (
            <Notice tight icon="check" title={t("changes.none")}>
              {t("changes.none.why")}
            </Notice>
          ) : (
            <ul>
              {all.map((each) => (
                <li key={each.id} className="entry">
                  <div className="row wrap">
                    <b className="code">{each.file}</b>
                    <small className="muted num push">{dayTime(each.at, timezone)}</small>
                  </div>
                  <p>{each.because}</p>
                  <Diff text={each.diff} />
                  <div className="row wrap">
                    <small className="muted">{t("changes.undo")}</small>
                    <button
                      type="button"
                      className="btn push"
                      onClick={() => setRejecting(each.id)}
                    >
                      {t("changes.reject")}
                    </button>
                    <button
                      type="button"
                      className="btn pri"
                      disabled={confirm.isPending}
                      onClick={() => confirm.mutate(each.id)}
                    >
                      {t("changes.confirm")}
                    </button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <RefusedLine error={confirm.error} />
      {rejecting !== undefined && (
        <FormDialog
          title={t("changes.reject.title")}
          answer={t("changes.reject")}
          close={() => setRejecting(undefined)}
          busy={reject.isPending}
          error={reject.error}
          submit={(fields) =>
            reject.mutate(
              { id: rejecting, reason: String(fields.get("reason")) },
              { onSuccess: () => setRejecting(undefined) },
            )
          }
        >
          <ReasonField />
        </FormDialog>
      )}
    </Panel>
  )
}

function Diff({ text }: { text: string }) {
  const kindOf = (line: string) => ({ "+": "added", "-": "removed" })[line[0] ?? ""] ?? ""
  return (
    <pre className="diff code">
      {text.split("\n").map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a diff's lines never move
        <span key={i} className={kindOf(line)}>
          {line}
          {"\n"}
        </span>
      ))}
    </pre>
  )
}
