import { getRouteApi, Link } from "@tanstack/react-router"
import { useState } from "react"
import type { LedgerView } from "../../../src/serve/api.ts"
import { useLedger, usePlant } from "../api/queries.ts"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { day, dayStart } from "../text/format.ts"
import { type Key, useTexts } from "../text/text.ts"
import { Records } from "./records.tsx"
import { VerifyButton } from "./verify.tsx"
import "./ledger.css"

const route = getRouteApi("/ledger")
const page = 60

/** Kinds as a person filters them. */
const groups: Readonly<Record<string, { readonly text: Key; readonly kinds: readonly string[] }>> =
  {
    alarm: {
      text: "nav.alarms",
      kinds: ["raised", "acknowledged", "returned", "shelved", "unshelved", "out-of-service"].map(
        (each) => `alarm.${each}`,
      ),
    },
    finding: { text: "findings.title", kinds: ["finding.raised", "finding.closed"] },
    decision: {
      text: "nav.decisions",
      kinds: ["proposed", "approved", "rejected", "expired", "done", "failed", "rolled-back"].map(
        (each) => `decision.${each}`,
      ),
    },
    command: {
      text: "ledger.commands",
      kinds: ["issued", "done", "refused", "expired", "failed", "unknown", "partial"].map(
        (each) => `command.${each}`,
      ),
    },
    effect: { text: "ledger.effects", kinds: ["effect.measured", "effect.not-measurable"] },
    config: {
      text: "ledger.config",
      kinds: ["changed", "refused", "waiting", "confirmed"].map((each) => `config.${each}`),
    },
    gap: {
      text: "ledger.gaps",
      kinds: ["gap.opened", "gap.closed", "gap.shrunk", "gap.filled", "late.arrived"],
    },
    report: { text: "complete.issued", kinds: ["report.issued", "report.annotated"] },
    person: {
      text: "settings.people",
      kinds: ["added", "changed", "signed-in", "signed-out"].map((each) => `person.${each}`),
    },
  }

export function LedgerPage() {
  const { t } = useTexts()
  const search = route.useSearch()
  const ledger = useLedger({
    kinds: groups[search.kind ?? ""]?.kinds.join(),
    subject: search.subject,
    from: search.from,
    to: search.to,
    before: search.before,
    limit: page,
  })
  return (
    <div className="page ledger">
      <Panel title={t("nav.ledger")} sub={t("ledger.sub")} tools={<VerifyButton />}>
        <Filters />
        <Loaded query={ledger}>
          {(records) =>
            records.length === 0 ? (
              <Notice icon="ledger" title={t("ledger.none")}>
                {t("ledger.none.why")}
              </Notice>
            ) : (
              <Records records={records} />
            )
          }
        </Loaded>
        <Pages last={ledger.data?.at(-1)} full={(ledger.data?.length ?? 0) === page} />
      </Panel>
    </div>
  )
}

function Filters() {
  const { t, say } = useTexts()
  const plant = usePlant()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [subject, setSubject] = useState(search.subject ?? "")
  const change = (next: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, before: undefined, ...next }), replace: true })
  const dayOf = (text: string) => {
    const noon = Date.parse(`${text}T12:00:00Z`)
    return Number.isNaN(noon) ? undefined : dayStart(noon, plant.timezone)
  }
  return (
    <form
      className="filters"
      onSubmit={(event) => {
        event.preventDefault()
        change({ subject: subject.trim() || undefined })
      }}
    >
      <select
        className="input"
        aria-label={t("ledger.kind")}
        value={search.kind ?? ""}
        onChange={(event) => change({ kind: event.target.value || undefined })}
      >
        <option value="">{t("ledger.kind.all")}</option>
        {Object.entries(groups).map(([name, group]) => (
          <option key={name} value={name}>
            {t(group.text)}
          </option>
        ))}
      </select>
      <input
        className="input"
        list="subjects"
        placeholder={t("ledger.subject")}
        aria-label={t("ledger.subject")}
        value={subject}
        onChange={(event) => setSubject(event.target.value)}
      />
      <datalist id="subjects">
        {plant.equipment.map((each) => (
          <option key={each.path} value={each.path}>
            {say(each.name)}
          </option>
        ))}
      </datalist>
      <input
        className="input"
        type="date"
        aria-label={t("ledger.from")}
        value={search.from === undefined ? "" : day(search.from, plant.timezone)}
        onChange={(event) => change({ from: dayOf(event.target.value) })}
      />
      <input
        className="input"
        type="date"
        aria-label={t("ledger.to")}
        value={search.to === undefined ? "" : day(search.to - 1, plant.timezone)}
        onChange={(event) => {
          const start = dayOf(event.target.value)
          change({ to: start === undefined ? undefined : start + 86_400_000 })
        }}
      />
      <button type="submit" className="btn">
        {t("ledger.show")}
      </button>
    </form>
  )
}

function Pages({ last, full }: { last: LedgerView | undefined; full: boolean }) {
  const { t } = useTexts()
  const { before } = route.useSearch()
  if (!full && before === undefined) return null
  return (
    <footer className="row pages">
      {before !== undefined && (
        <Link className="btn" to="/ledger" search={(old) => ({ ...old, before: undefined })}>
          {t("ledger.newest")}
        </Link>
      )}
      {full && last && (
        <Link className="btn push" to="/ledger" search={(old) => ({ ...old, before: last.number })}>
          {t("ledger.older")}
        </Link>
      )}
    </footer>
  )
}
