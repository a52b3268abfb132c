import { getRouteApi, Link, useRouter } from "@tanstack/react-router"
import type { FormEvent } from "react"
import { useEntry } from "../api/changes.ts"
import { useSession } from "../api/queries.ts"
import { Brand } from "../parts/icon.tsx"
import { RefusedLine } from "../parts/notice.tsx"
import { LanguageSwitch } from "../shell/language-switch.tsx"
import { useTexts } from "../text/text.ts"
import "./sign-in.css"

export function SignInPage() {
  const { back, token } = getRouteApi("/sign-in").useSearch()
  return <SignInForm back={back} token={token} />
}

/** Sign-in; before anybody exists, the first administrator by the token from the console. */
export function SignInForm(props: { back?: string | undefined; token?: string | undefined }) {
  const { t } = useTexts()
  const session = useSession()
  const { token = fromAddress("token"), back = here() } = props
  const router = useRouter()
  const entry = useEntry()
  const first = session.needsFirstAdministrator
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const read = (name: string) => String(fields.get(name) ?? "").trim()
    const person = { name: read("name"), password: String(fields.get("password")) }
    entry.mutate(first ? { ...person, token: read("token") } : person, {
      onSuccess: async () => {
        await router.invalidate()
        await router.navigate({ href: safe(back) })
      },
    })
  }
  return (
    <div className="page sign-in">
      <form className="panel form" onSubmit={submit}>
        <div className="row">
          <Brand size={36} />
          <h2>{t(first ? "first.title" : "sign-in.title")}</h2>
          {!session.lookAround && !session.person && (
            <span className="push">
              <LanguageSwitch />
            </span>
          )}
        </div>
        {first && <p>{t("first.what")}</p>}
        {first && (
          <label className="field">
            {t("first.token")}
            <input
              className="input code"
              name="token"
              defaultValue={token ?? ""}
              maxLength={100}
              required
              autoComplete="off"
              spellCheck={false}
            />
          </label>
        )}
        <label className="field">
          {t("people.name")}
          <input className="input" name="name" maxLength={100} required autoComplete="username" />
        </label>
        <label className="field">
          {t("sign-in.password")}
          <input
            className="input"
            name="password"
            type="password"
            minLength={first ? 10 : 1}
            maxLength={200}
            required
            autoComplete={first ? "new-password" : "current-password"}
          />
          {first && <small className="muted">{t("first.password")}</small>}
        </label>
        <RefusedLine error={entry.error} />
        <button type="submit" className="btn pri" disabled={entry.isPending}>
          {t(first ? "first.do" : "sign-in.do")}
        </button>
        {session.lookAround && <Link to="/">{t("sign-in.look")}</Link>}
      </form>
    </div>
  )
}

/** Where the form stands in place of another page, that page is the way back. */
function here(): string {
  const { pathname, search } = window.location
  return pathname === "/sign-in" ? "/" : pathname + search
}

function fromAddress(name: string): string | undefined {
  return new URLSearchParams(window.location.search).get(name) ?? undefined
}

/** Back to a page of this house only. */
function safe(back: string): string {
  return back.startsWith("/") && !back.startsWith("//") ? back : "/"
}
