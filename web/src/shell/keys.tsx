import { Dialog } from "../parts/dialog.tsx"
import { type Key, useTexts } from "../text/text.ts"
import "./search.css"

const keys: readonly (readonly [keys: string, text: Key])[] = [
  ["Ctrl K", "keys.search"],
  ["?", "keys.keys"],
  ["Alt 1 … 6", "keys.places"],
  ["Esc", "keys.close"],
  ["Tab", "keys.walk"],
]
const mouse: readonly (readonly [act: Key, text: Key])[] = [
  ["keys.wheel", "keys.zoom"],
  ["keys.drag", "keys.pan"],
  ["keys.double", "keys.reset"],
  ["keys.click", "keys.pin"],
]

export function Keys({ close }: { close: () => void }) {
  const { t } = useTexts()
  return (
    <Dialog title={t("keys.title")} close={close}>
      <dl className="keys">
        {keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
        <div>
          <dt>
            <b>{t("keys.trend")}</b>
          </dt>
        </div>
        {mouse.map(([act, text]) => (
          <div key={act}>
            <dt>
              <kbd>{t(act)}</kbd>
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
