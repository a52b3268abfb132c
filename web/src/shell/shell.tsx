import { useHotkeys } from "@mantine/hooks"
import { useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { type ReactNode, useEffect, useState } from "react"
import { startLive } from "../api/live.ts"
import { useTexts } from "../text/text.ts"
import { AlarmLine } from "./alarm-line.tsx"
import { Keys } from "./keys.tsx"
import { Navigation } from "./navigation.tsx"
import { Search } from "./search.tsx"
import { TopBar } from "./top-bar.tsx"
import "./shell.css"

/** What stands around every page: the ways, the alarms, the time and the person. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTexts()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState<"search" | "keys">()
  useEffect(() => startLive(client), [client])
  useHotkeys(
    [
      ["mod+K", () => setOpen("search")],
      ["shift+?", () => setOpen("keys"), { usePhysicalKeys: false }],
      ["?", () => setOpen("keys")],
      ["alt+1", () => void navigate({ to: "/" })],
      ["alt+2", () => void navigate({ to: "/trend" })],
      ["alt+3", () => void navigate({ to: "/alarms" })],
      ["alt+4", () => void navigate({ to: "/decisions" })],
      ["alt+5", () => void navigate({ to: "/ledger" })],
      ["alt+6", () => void navigate({ to: "/connect" })],
    ],
    ["INPUT", "TEXTAREA", "SELECT"],
  )
  return (
    <div className="app">
      <a className="skip" href="#page">
        {t("skip")}
      </a>
      <Navigation />
      <div className="main">
        <TopBar search={() => setOpen("search")} />
        <AlarmLine />
        <main id="page" className="place" tabIndex={-1}>
          {children}
        </main>
      </div>
      {open === "search" && <Search close={() => setOpen(undefined)} />}
      {open === "keys" && <Keys close={() => setOpen(undefined)} />}
    </div>
  )
}
