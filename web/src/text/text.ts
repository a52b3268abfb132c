import { josa } from "es-hangul"
import i18next, { type i18n } from "i18next"
import { initReactI18next, useTranslation } from "react-i18next"
import { type Language, say, type Text } from "../../../src/model/text.ts"
import { en, type Key } from "./en.ts"
import { length } from "./format.ts"
import { ko } from "./ko.ts"

export type { Key } from "./en.ts"
export type Values = Readonly<Record<string, string | number>>
export type Translate = (key: Key, values?: Values) => string

const kept = "moru.language"

/** The browser's language decides until somebody chooses. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(kept)
  if (chosen === "ko" || chosen === "en") return chosen
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en"
}

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: firstLanguage(),
    fallbackLng: "en",
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    interpolation: { escapeValue: false },
    resources: { en: { translation: en }, ko: { translation: ko } },
  })
  addParticles(i18next)
  document.documentElement.lang = i18next.language
  i18next.on("languageChanged", (language) => {
    document.documentElement.lang = language
    localStorage.setItem(kept, language)
  })
}

/** `{{name, 을/를}}` puts the particle behind the name that its last sound asks for. */
export function addParticles({ services }: i18n): void {
  for (const pair of ["을/를", "이/가", "은/는", "으로/로", "와/과"] as const)
    services.formatter?.add(pair, (word) => josa(String(word), pair))
}

export interface Texts {
  readonly t: Translate
  /** A text that came from the plant, in the language of the screens. */
  readonly say: (text: Text) => string
  readonly language: Language
}

export function useTexts(): Texts {
  const { t, i18n } = useTranslation()
  const language: Language = i18n.language === "ko" ? "ko" : "en"
  return { t: t as Translate, say: (text) => say(text, language), language }
}

export function chooseLanguage(language: Language): void {
  void i18next.changeLanguage(language)
}

/** A length of time in the one unit that a person would use: `6 min`, `6분`. */
export function sayLength(t: Translate, ms: number): string {
  const { unit, text } = length(ms)
  return t(`length.${unit}`, { n: text })
}

/** The text of a word that the server names, or the word itself where the catalogue lacks it. */
export function wordOf(t: Translate, group: string, word: string): string {
  const key = `${group}.${word}`
  return key in en ? t(key as Key) : word
}
