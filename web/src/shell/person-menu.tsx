import { Link, useRouterState } from "@tanstack/react-router"
import { useSignOut } from "../api/changes.ts"
import { useSession } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { useTexts } from "../text/text.ts"

export function PersonMenu() {
  const { t } = useTexts()
  const session = useSession()
  const signOut = useSignOut()
  const back = useRouterState({ select: (state) => state.location.href })
  const { person } = session
  if (!person)
    return (
      <Link
        to="/sign-in"
        search={{ back: back.startsWith("/sign-in") ? "/" : back }}
        className="btn sign-in-way"
      >
        <Icon name="person" size={16} />
        <span>{t(session.needsFirstAdministrator ? "first.way" : "sign-in.way")}</span>
      </Link>
    )
  return (
    <>
      <button
        type="button"
        className="round person"
        aria-label={t("person.menu")}
        popoverTarget="person-menu"
      >
        {[...person.name][0]}
      </button>
      <div id="person-menu" popover="auto" className="menu">
        <p>
          <b>{person.name}</b> · {t(`role.${person.role}`)}
        </p>
        <Link to="/settings" className="btn">
          {t("nav.settings")}
        </Link>
        <button type="button" className="btn" onClick={() => signOut.mutate(undefined)}>
          {t("sign-out")}
        </button>
      </div>
    </>
  )
}
