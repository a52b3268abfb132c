import { keepPreviousData, useQuery, useSuspenseQuery } from "@tanstack/react-query"
import type {
  AlarmView,
  AutomaticView,
  CertificateView,
  ChainView,
  CycleView,
  DecisionView,
  DeviceView,
  EdgeView,
  FindingView,
  HistoryView,
  LedgerView,
  Overview,
  PendingChange,
  Person,
  PlantView,
  Session,
  StorageView,
} from "../../../src/serve/api.ts"
import type {
  CompletenessView,
  GapView,
  ReportHeadView,
  ReportView,
} from "../../../src/serve/api-completeness.ts"
import { get, keepCsrf } from "./fetch.ts"
import { setPlantTime } from "./plant-clock.ts"

export const plantQuery = {
  queryKey: ["plant"],
  queryFn: async () => {
    const plant = await get<PlantView>("/plant")
    setPlantTime(plant.now, plant.speed)
    return plant
  },
  refetchInterval: 30_000,
}

export const sessionQuery = {
  queryKey: ["session"],
  queryFn: async () => {
    const session = await get<Session>("/session")
    keepCsrf(session.csrf)
    return session
  },
}

/** The plant stands before any page is shown, so it is always there. */
export function usePlant(): PlantView {
  return useSuspenseQuery(plantQuery).data
}

export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data
}

/** A list that the live stream keeps current; asked again now and then in case an event was lost. */
function useList<Item>(name: string, refetchInterval = 60_000) {
  return useQuery({
    queryKey: [name],
    queryFn: () => get<readonly Item[]>(`/${name}`),
    refetchInterval,
  })
}

export const useAlarms = () => useList<AlarmView>("alarms")
export const useFindings = () => useList<FindingView>("findings")
export const useDecisions = () => useList<DecisionView>("decisions")
export const useDevices = () => useList<DeviceView>("devices", 5000)
export const useEdges = () => useList<EdgeView>("edges", 5000)
export const useCertificates = () => useList<CertificateView>("certificates", 10_000)
export const usePendingChanges = () => useList<PendingChange>("changes", 10_000)
export const useGaps = () => useList<GapView>("gaps", 15_000)

export const useReports = () => useList<ReportHeadView>("reports", 30_000)

/** A report as it was issued. */
export function useReport(id: string | undefined) {
  return useQuery({
    queryKey: ["reports", id],
    queryFn: () => get<ReportView>(`/reports/${encodeURIComponent(id ?? "")}`),
    enabled: id !== undefined,
  })
}

export function useCompleteness(asked: Span & { equipment?: string | undefined }, on: boolean) {
  return useQuery({
    queryKey: ["completeness", asked],
    queryFn: ({ signal }) => get<CompletenessView>("/completeness", { ...asked }, signal),
    enabled: on,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
}

/** Gaps of the device that brings a tag, in a span that is asked for in whole minutes so that a moving one asks seldom. */
export function useTagGaps(tag: string, span: Span) {
  const minute = 60_000
  const from = Math.floor(span.from / minute) * minute
  const to = Math.ceil(span.to / minute) * minute
  return useQuery({
    queryKey: ["gaps", tag, from, to],
    queryFn: () => get<readonly GapView[]>("/gaps", { tag, from, to }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
    gcTime: 20_000,
  })
}

/** Names are for administrators alone. */
export function usePeople() {
  const { person } = useSession()
  return useQuery({
    queryKey: ["people"],
    queryFn: () => get<readonly Person[]>("/people"),
    enabled: person?.role === "administrator",
  })
}

export function useAutomatic() {
  return useQuery({
    queryKey: ["automatic"],
    queryFn: () => get<AutomaticView>("/automatic"),
    refetchInterval: 30_000,
  })
}

export function useStorage() {
  return useQuery({
    queryKey: ["storage"],
    queryFn: () => get<StorageView>("/storage"),
    refetchInterval: 10_000,
  })
}

export interface Span {
  readonly from: number
  readonly to: number
}

/** The last eight hours, or a given span. */
export function useOverview(span?: Span) {
  return useQuery({
    queryKey: ["overview", span?.from, span?.to],
    queryFn: () => get<Overview>("/overview", { from: span?.from, to: span?.to }),
    refetchInterval: span ? false : 10_000,
    placeholderData: keepPreviousData,
  })
}

export function useHistory(tags: readonly string[], span: Span, buckets: number) {
  return useQuery({
    queryKey: ["history", tags.join(), span.from, span.to, buckets],
    queryFn: ({ signal }) =>
      get<HistoryView>("/history", { tags: tags.join(), ...span, buckets }, signal),
    enabled: tags.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 20_000,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export function useCycles(equipment: string, limit: number) {
  return useQuery({
    queryKey: ["cycles", equipment, limit],
    queryFn: () => get<readonly CycleView[]>("/cycles", { equipment, limit }),
    refetchInterval: 5000,
    placeholderData: keepPreviousData,
  })
}

export function useStates(equipment: string | undefined, span: Span) {
  return useQuery({
    queryKey: ["states", equipment, span.from, span.to],
    queryFn: () =>
      get<readonly { from: number; to: number; state: string }[]>("/states", {
        equipment,
        ...span,
      }),
    enabled: equipment !== undefined,
    placeholderData: keepPreviousData,
    gcTime: 20_000,
  })
}

export interface LedgerSearch {
  readonly kinds?: string | undefined
  readonly subject?: string | undefined
  readonly by?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly before?: number | undefined
  readonly limit: number
}

export function useLedger(search: LedgerSearch) {
  return useQuery({
    queryKey: ["ledger", search],
    queryFn: () => get<readonly LedgerView[]>("/ledger", { ...search }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
}

export function useChain(id: string) {
  return useQuery({
    queryKey: ["ledger", "chain", id],
    queryFn: () => get<ChainView>(`/ledger/${encodeURIComponent(id)}/chain`),
  })
}
