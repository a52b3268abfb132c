import { useState } from "react"
import { useAutomaticChange } from "../api/changes.ts"
import { usePlant } from "../api/queries.ts"
import { FormDialog, ReasonField } from "../parts/dialog.tsx"
import { Icon } from "../parts/icon.tsx"
import { useTexts } from "../text/text.ts"

/** The one switch that stops Moru's own writes; machines run on. */
export function AutomaticSwitch() {
  const { t } = useTexts()
  const { automaticStopped: stopped } = usePlant()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className={stopped ? "btn automatic stopped" : "btn automatic"}
        title={t(stopped ? "automatic.allow" : "automatic.stop")}
        onClick={() => setOpen(true)}
      >
        <Icon name={stopped ? "out" : "hand"} size={16} />
        <span>{t(stopped ? "automatic.stopped" : "automatic.stop")}</span>
      </button>
      {open && <AutomaticDialog stopped={stopped} close={() => setOpen(false)} />}
    </>
  )
}

function AutomaticDialog({ stopped, close }: { stopped: boolean; close: () => void }) {
  const { t } = useTexts()
  const change = useAutomaticChange()
  return (
    <FormDialog
      title={t(stopped ? "automatic.allow" : "automatic.stop")}
      answer={t(stopped ? "automatic.allow.short" : "automatic.stop.short")}
      close={close}
      busy={change.isPending}
      error={change.error}
      submit={(fields) =>
        change.mutate(
          { stopped: !stopped, reason: String(fields.get("reason")) },
          { onSuccess: close },
        )
      }
    >
      <p>{t(stopped ? "automatic.allow.what" : "automatic.stop.what")}</p>
      <ReasonField />
    </FormDialog>
  )
}
