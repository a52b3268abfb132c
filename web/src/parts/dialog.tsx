import { Modal } from "@mantine/core"
import type { FormEvent, ReactNode } from "react"
import { useTexts } from "../text/text.ts"
import { RefusedLine } from "./notice.tsx"

/** A question that keeps the page beneath it; Escape and a click outside leave it unchanged. */
export function Dialog(props: {
  title: string
  close: () => void
  size?: number
  children: ReactNode
}) {
  return (
    <Modal
      opened
      onClose={props.close}
      title={props.title}
      size={props.size ?? 440}
      centered
      transitionProps={{ duration: 0 }}
    >
      {props.children}
    </Modal>
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
