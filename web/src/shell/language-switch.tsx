import { chooseLanguage, useTexts } from "../text/text.ts"
import "./top-bar.css"

export function LanguageSwitch() {
  const { t, language } = useTexts()
  return (
    <fieldset className="switch" aria-label={t("language")}>
      {(["ko", "en"] as const).map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          className={each === language ? "on" : ""}
          aria-pressed={each === language}
          onClick={() => chooseLanguage(each)}
        >
          {t(`language.${each}`)}
        </button>
      ))}
    </fieldset>
  )
}
