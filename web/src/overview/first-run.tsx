import { Link } from "@tanstack/react-router"
import { useState } from "react"
import type { PlantView } from "../../../src/serve/api.ts"
import { useDecisions, useDevices, useLedger, useSession } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { type Key, useTexts } from "../text/text.ts"
import "./first-run.css"

const hidden = "moru.first-run.hidden"

interface Step {
  readonly text: Key
  readonly to: "/sign-in" | "/connect" | "/alarms" | "/decisions"
  readonly done: boolean
}

/** The first steps; each ticks itself when it has really happened, and the list can be put away for good. */
export function FirstRun({ plant }: { plant: PlantView }) {
  const [away, setAway] = useState(() => localStorage.getItem(hidden) !== null)
  if (away) return null
  const close = () => {
    localStorage.setItem(hidden, "1")
    setAway(true)
  }
  return <List plant={plant} close={close} />
}

function List({ plant, close }: { plant: PlantView; close: () => void }) {
  const { t } = useTexts()
  const signedIn = useSession().person !== undefined
  const devices = useDevices().data
  const acknowledged = useLedger({ kinds: "alarm.acknowledged", limit: 1 }).data
  const approved = useLedger({ kinds: "decision.approved", limit: 1 }).data
  const found = useDecisions().data?.length
  if (!devices || !acknowledged || !approved) return null
  const steps: readonly Step[] = [
    { text: "first-run.value", to: "/connect", done: devices.some((each) => each.samples > 0) },
    { text: "first-run.sign-in", to: "/sign-in", done: signedIn },
    { text: "first-run.alarm", to: "/alarms", done: acknowledged.length > 0 },
    { text: "first-run.decision", to: "/decisions", done: approved.length > 0 },
  ]
  const done = steps.every((step) => step.done)
  return (
    <section className="panel first-run" aria-label={t("first-run.title")}>
      <h2>{t("first-run.title")}</h2>
      <ol>
        {steps.map((step) => (
          <li key={step.text} className={step.done ? "done" : ""}>
            <i>{step.done && <Icon name="check" size={13} />}</i>
            {step.done ? <span>{t(step.text)}</span> : <Link to={step.to}>{t(step.text)}</Link>}
          </li>
        ))}
      </ol>
      {done && <p>{t("first-run.done")}</p>}
      {plant.example && found === 0 && (
        <p className="wide">
          {t("first-run.provoke")} <code>npm run moru -- fault cooling-clog --equipment dc-1</code>
        </p>
      )}
      <button type="button" className="round" onClick={close} aria-label={t("first-run.close")}>
        <Icon name="close" size={15} />
      </button>
    </section>
  )
}
