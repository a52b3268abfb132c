import { Menu } from "@mantine/core"
import { Link, useNavigate, useRouterState } from "@tanstack/react-router"
import { useSignOut } from "../api/changes.ts"
import { useSession } from "../api/queries.ts"
import { Icon } from "../parts/icon.tsx"
import { useTexts } from "../text/text.ts"

export function PersonMenu() {
  const { t } = useTexts()
  const session = useSession()
  const signOut = useSignOut()
  const navigate = useNavigate()
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
    <Menu position="bottom-end" withinPortal transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className="round person" aria-label={t("person.menu")}>
          {[...person.name][0]}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {person.name} · {t(`role.${person.role}`)}
        </Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: "/settings" })}>
          {t("nav.settings")}
        </Menu.Item>
        <Menu.Item onClick={() => signOut.mutate(undefined)}>{t("sign-out")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
