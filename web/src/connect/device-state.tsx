import { useTexts, wordOf } from "../text/text.ts"
import "./connect.css"

/** A filled dot while values flow, a ring while it waits, a bar across where the line is lost. */
export function DeviceState({ state }: { state: string }) {
  const { t } = useTexts()
  return (
    <span className={`device-state ${state}`}>
      <i />
      {wordOf(t, "device", state)}
    </span>
  )
}
