import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium"

/** Why browser tests cannot run here, or false. In CI they must run. */
export const noChromium: string | false =
  existsSync(executablePath) || process.env.CI
    ? false
    : `SKIPPED ALOUD: no Chromium at ${executablePath}; install it or set CHROMIUM`

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  })
}
