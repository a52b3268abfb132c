import { Link, useRouterState } from "@tanstack/react-router"
import { type FormEvent, useState } from "react"
import type { EquipmentView, TagView } from "../../../src/serve/api.ts"
import { useCommand } from "../api/changes.ts"
import { useDevices, useSession } from "../api/queries.ts"
import { useValue } from "../api/values.ts"
import { CommandOutcome } from "../decision/command-outcome.tsx"
import { Gauge } from "../parts/gauge.tsx"
import { LiveValue } from "../parts/live-value.tsx"
import { Notice, RefusedLine } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { number } from "../text/format.ts"
import { sayLength, useTexts } from "../text/text.ts"

/** What may be set, within which range; a change goes through the gate and says what became of it. */
export function SetPoints({ unit, tags }: { unit: EquipmentView; tags: readonly TagView[] }) {
  const { t } = useTexts()
  const settable = tags.filter((tag) => tag.writable)
  const device = useDevices().data?.find((each) => each.device === unit.device)
  const signedIn = useSession().person !== undefined
  const back = useRouterState({ select: (state) => state.location.href })
  return (
    <Panel title={t("set.title")} sub={t("set.sub")}>
      {settable.length === 0 && (
        <Notice tight icon="settings" title={t("set.none")}>
          {t("set.none.why")}
        </Notice>
      )}
      {settable.map((tag) => (
        <SetPoint key={tag.path} tag={tag} open={signedIn && device?.writable !== false} />
      ))}
      {settable.length > 0 && !signedIn && (
        <p className="foot">
          <Link to="/sign-in" search={{ back }}>
            {t("sign-in.way")}
          </Link>{" "}
          {t("set.sign-in")}
        </p>
      )}
      {settable.length > 0 && device?.writable === false && (
        <p className="foot">{t("set.no-write")}</p>
      )}
    </Panel>
  )
}

function SetPoint({ tag, open }: { tag: TagView; open: boolean }) {
  const { t, say } = useTexts()
  const value = useValue(tag.path)
  const command = useCommand()
  const [draft, setDraft] = useState("")
  const { writable } = tag
  if (!writable) return null
  const present = value?.value ?? undefined
  const expect = present === undefined ? {} : { expect: present }
  const send = (next: number | boolean) =>
    command.mutate({ target: tag.path, value: next, ...expect }, { onSuccess: () => setDraft("") })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (draft.trim() !== "" && Number.isFinite(Number(draft))) send(Number(draft))
  }
  return (
    <form className="set-point" onSubmit={submit}>
      <div className="row">
        <b className="clip">{say(tag.name)}</b>
        <span className="push">
          <LiveValue tag={tag} value={value} />
        </span>
      </div>
      {tag.kind === "number" && (
        <Gauge
          value={undefined}
          target={typeof present === "number" ? present : undefined}
          normal={[writable.min, writable.max]}
        />
      )}
      {tag.kind === "number" && (
        <small className="muted num">
          {t("set.range", {
            min: number(writable.min, tag.decimals),
            max: number(writable.max, tag.decimals),
            step: number(writable.maxStep, tag.decimals),
            unit: tag.symbol,
            rest: sayLength(t, writable.minIntervalMs),
          })}
        </small>
      )}
      {open && tag.kind === "number" && (
        <div className="row">
          <input
            className="input"
            type="number"
            inputMode="decimal"
            step={10 ** -tag.decimals}
            min={writable.min}
            max={writable.max}
            value={draft}
            placeholder={tag.symbol}
            aria-label={t("set.value", { name: say(tag.name) })}
            onChange={(event) => setDraft(event.target.value)}
          />
          <button type="submit" className="btn pri" disabled={command.isPending || draft === ""}>
            {t("set.send")}
          </button>
        </div>
      )}
      {open && tag.kind === "boolean" && (
        <span className="group">
          {[true, false].map((next) => (
            <button
              key={String(next)}
              type="button"
              className={Boolean(present) === next ? "btn on" : "btn"}
              disabled={command.isPending || Boolean(present) === next}
              onClick={() => send(next)}
            >
              {t(next ? "value.on" : "value.off")}
            </button>
          ))}
        </span>
      )}
      {command.isPending && <small role="status">{t("set.waiting")}</small>}
      <RefusedLine error={command.error} />
      {command.data && <CommandOutcome command={command.data} />}
    </form>
  )
}
