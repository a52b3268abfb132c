import type { QueryClient } from "@tanstack/react-query"
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router"
import { plantQuery, sessionQuery } from "./api/queries.ts"
import { Overview } from "./overview/overview.tsx"
import { BrokenPage, LoadingPage, NoSuchPage } from "./shell/places.tsx"
import { Root } from "./shell/root.tsx"

interface Context {
  readonly client: QueryClient
}

type Given = Record<string, unknown>

const textIn = (given: Given, name: string) => {
  const value = given[name]
  return value === undefined || value === "" ? undefined : String(value)
}
const numberIn = (given: Given, name: string) => {
  const value = Number(given[name] ?? Number.NaN)
  return Number.isFinite(value) ? value : undefined
}

/** Where a trend looks: a fixed span, or a length that ends now. */
export interface TrendSearch {
  readonly tag?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly last?: string | undefined
}

export interface TagsSearch extends TrendSearch {
  readonly tags?: string | undefined
}

interface DecisionsSearch {
  readonly show?: string | undefined
}

interface LedgerPlace {
  readonly kind?: string | undefined
  readonly subject?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly before?: number | undefined
}

interface AlarmsSearch {
  readonly show?: string | undefined
  readonly order?: string | undefined
  readonly equipment?: string | undefined
}

/** What time is asked about, or the issued report that is shown. */
export interface CompletenessSearch {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly equipment?: string | undefined
  readonly report?: string | undefined
}

interface SignInSearch {
  readonly back?: string | undefined
  readonly token?: string | undefined
}

const trendIn = (given: Given): TrendSearch => ({
  tag: textIn(given, "tag"),
  from: numberIn(given, "from"),
  to: numberIn(given, "to"),
  last: textIn(given, "last"),
})

const root = createRootRouteWithContext<Context>()({
  component: Root,
  loader: async ({ context }) => {
    const { person, lookAround } = await context.client.ensureQueryData(sessionQuery)
    if (person || lookAround) await context.client.ensureQueryData(plantQuery)
  },
  pendingComponent: LoadingPage,
  errorComponent: BrokenPage,
  notFoundComponent: NoSuchPage,
})

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: Overview,
})
const equipment = createRoute({
  getParentRoute: () => root,
  path: "/equipment/$",
  validateSearch: trendIn,
  component: lazyRouteComponent(() => import("./equipment/equipment.tsx"), "EquipmentPage"),
})
const trend = createRoute({
  getParentRoute: () => root,
  path: "/trend",
  validateSearch: (given: Given): TagsSearch => ({
    ...trendIn(given),
    tags: textIn(given, "tags"),
  }),
  component: lazyRouteComponent(() => import("./trend/trend.tsx"), "TrendPage"),
})
const decisions = createRoute({
  getParentRoute: () => root,
  path: "/decisions",
  validateSearch: (given: Given): DecisionsSearch => ({ show: textIn(given, "show") }),
  component: lazyRouteComponent(() => import("./decision/decisions.tsx"), "DecisionsPage"),
})
const decision = createRoute({
  getParentRoute: () => root,
  path: "/decisions/$id",
  component: lazyRouteComponent(() => import("./decision/decision.tsx"), "DecisionPage"),
})
const ledger = createRoute({
  getParentRoute: () => root,
  path: "/ledger",
  validateSearch: (given: Given): LedgerPlace => ({
    kind: textIn(given, "kind"),
    subject: textIn(given, "subject"),
    from: numberIn(given, "from"),
    to: numberIn(given, "to"),
    before: numberIn(given, "before"),
  }),
  component: lazyRouteComponent(() => import("./ledger/ledger.tsx"), "LedgerPage"),
})
const chain = createRoute({
  getParentRoute: () => root,
  path: "/ledger/$id",
  component: lazyRouteComponent(() => import("./ledger/chain.tsx"), "ChainPage"),
})
const alarms = createRoute({
  getParentRoute: () => root,
  path: "/alarms",
  validateSearch: (given: Given): AlarmsSearch => ({
    show: textIn(given, "show"),
    order: textIn(given, "order"),
    equipment: textIn(given, "equipment"),
  }),
  component: lazyRouteComponent(() => import("./alarm/alarms.tsx"), "AlarmsPage"),
})
const connect = createRoute({
  getParentRoute: () => root,
  path: "/connect",
  component: lazyRouteComponent(() => import("./connect/connect.tsx"), "ConnectPage"),
})
const completeness = createRoute({
  getParentRoute: () => root,
  path: "/completeness",
  validateSearch: (given: Given): CompletenessSearch => ({
    from: numberIn(given, "from"),
    to: numberIn(given, "to"),
    equipment: textIn(given, "equipment"),
    report: textIn(given, "report"),
  }),
  component: lazyRouteComponent(
    () => import("./completeness/completeness.tsx"),
    "CompletenessPage",
  ),
})
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/settings.tsx"), "SettingsPage"),
})
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (given: Given): SignInSearch => ({
    back: textIn(given, "back"),
    token: textIn(given, "token"),
  }),
  component: lazyRouteComponent(() => import("./sign-in/sign-in.tsx"), "SignInPage"),
})

const tree = root.addChildren([
  overview,
  equipment,
  trend,
  decisions,
  decision,
  ledger,
  chain,
  alarms,
  connect,
  completeness,
  settings,
  signIn,
])

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: "intent",
    defaultPendingMs: 300,
    defaultErrorComponent: BrokenPage,
  })
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
