/** A name or sentence for people, in the languages of the screens. English is always there. */
export interface Text {
  readonly en: string
  readonly ko?: string
}

export type Language = keyof Text

export function say(text: Text, language: Language): string {
  return text[language] ?? text.en
}
