import { type FormEvent, type ReactNode, useEffect, useRef } from "react"
import { useTexts } from "../text/text.ts"
import { Icon } from "./icon.tsx"
import { RefusedLine } from "./notice.tsx"
import "./dialog.css"

/** A question that keeps the page beneath it; Escape and a click outside leave it unchanged. */
export function Dialog(props: {
  title: string
  close: () => void
  width?: number
  children: ReactNode
}) {
  const { t } = useTexts()
  const { title, close, width = 440 } = props
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
    dialog.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus()
  }, [])
  return (
    <dialog ref={dialog} className="dialog" style={{ width }} aria-label={title} onClose={close}>
      <button type="button" className="outside" tabIndex={-1} onClick={close} aria-hidden="true" />
      <div className="sheet">
        <header>
          <h2>{title}</h2>
          <button type="button" className="round" onClick={close} aria-label={t("close")}>
            <Icon name="close" size={16} />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  )
}

/** A dialog with fields and one answer. */
export function FormDialog(props: {
  title: string
  close: () => void
  answer: string
  busy: boolean
  error: Error | null
  submit: (fields: FormData) => void
  children: ReactNode
}) {
  const { t } = useTexts()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    props.submit(new FormData(event.currentTarget))
  }
  return (
    <Dialog title={props.title} close={props.close}>
      <form className="form" onSubmit={submit}>
        {props.children}
        <RefusedLine error={props.error} />
        <div className="row">
          <button type="button" className="btn push" onClick={props.close}>
            {t("cancel")}
          </button>
          <button type="submit" className="btn pri" disabled={props.busy}>
            {props.answer}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** The reason that the ledger keeps beside an act. */
export function ReasonField({ rows = 2 }: { rows?: number }) {
  const { t } = useTexts()
  return (
    <label className="field">
      {t("reason")}
      <textarea
        className="input"
        name="reason"
        rows={rows}
        maxLength={500}
        required
        data-autofocus
      />
    </label>
  )
}
