/** Facts go beside the sentence, never into it. Secrets are never given to a log. */
export type Facts = Readonly<Record<string, unknown>>

export interface Log {
  debug(message: string, facts?: Facts): void
  info(message: string, facts?: Facts): void
  warn(message: string, facts?: Facts): void
  error(message: string, facts?: Facts): void
  /** A log that says the same part's name with each line. */
  of(part: string): Log
}

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  of: () => silentLog,
}
