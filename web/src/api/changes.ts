import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query"
import { useNavigate, useRouterState } from "@tanstack/react-router"
import type { AlarmView, CommandView, Session } from "../../../src/serve/api.ts"
import type { ReportView } from "../../../src/serve/api-completeness.ts"
import { keepCsrf, Refused, send } from "./fetch.ts"

/** A change of the plant by a person. Where nobody is signed in, the way leads over sign-in and back here. */
function useChange<Input, Answer>(
  change: (input: Input) => Promise<Answer>,
  then: (client: QueryClient, answer: Answer) => void | Promise<void>,
) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const back = useRouterState({ select: (state) => state.location.href })
  return useMutation<Answer, Error, Input>({
    mutationFn: change,
    onSuccess: (answer) => then(client, answer),
    onError: (error) => {
      if (error instanceof Refused && error.problem.code === "sign-in-needed")
        void navigate({ to: "/sign-in", search: { back } })
    },
  })
}

function again(...names: readonly string[]) {
  return (client: QueryClient) => {
    for (const name of names) void client.invalidateQueries({ queryKey: [name] })
  }
}

function put<Item extends { readonly id: string }>(name: string) {
  return (client: QueryClient, item: Item) => {
    client.setQueryData<readonly Item[]>([name], (old) =>
      old?.map((each) => (each.id === item.id ? item : each)),
    )
    void client.invalidateQueries({ queryKey: ["ledger"] })
  }
}

export type AlarmAct =
  | "acknowledge"
  | "shelve"
  | "unshelve"
  | "out-of-service"
  | "return-to-service"

export interface AlarmChange {
  readonly act: AlarmAct
  readonly id: string
  readonly reason?: string
  readonly until?: number
}

export const useAlarmChange = () =>
  useChange(
    ({ act, ...body }: AlarmChange) => send<AlarmView>("POST", `/alarms/${act}`, body),
    put<AlarmView>("alarms"),
  )

export type DecisionChange =
  | { readonly act: "approve" | "roll-back"; readonly id: string }
  | { readonly act: "reject"; readonly id: string; readonly reason: string }

export const useDecisionChange = () =>
  useChange(
    (change: DecisionChange) =>
      send<unknown>(
        "POST",
        `/decisions/${encodeURIComponent(change.id)}/${change.act}`,
        change.act === "reject" ? { reason: change.reason } : undefined,
      ),
    again("decisions", "ledger"),
  )

export interface CommandDraft {
  readonly target: string
  readonly value: number | boolean | string
  readonly expect?: number | boolean | string
}

export const useCommand = () =>
  useChange((draft: CommandDraft) => send<CommandView>("POST", "/commands", draft), again("ledger"))

export const useAutomaticChange = () =>
  useChange(
    (body: { readonly stopped: boolean; readonly reason: string }) =>
      send<unknown>("POST", "/automatic", body),
    again("plant", "ledger"),
  )

export const useCertificateChange = () =>
  useChange(
    (change: { readonly fingerprint: string; readonly act: "trust" | "refuse" }) =>
      send<unknown>("POST", `/certificates/${change.act}`, { fingerprint: change.fingerprint }),
    again("certificates", "devices", "ledger"),
  )

export const useConfirmChange = () =>
  useChange(
    (id: string) => send<unknown>("POST", `/changes/${encodeURIComponent(id)}/confirm`),
    again("changes", "plant", "ledger"),
  )

export const useRejectChange = () =>
  useChange(
    ({ id, reason }: { readonly id: string; readonly reason: string }) =>
      send<unknown>("POST", `/changes/${encodeURIComponent(id)}/reject`, { reason }),
    again("changes", "plant", "ledger"),
  )

export const useAllowWrites = () =>
  useChange(
    (reason: string) => send<unknown>("POST", "/writes/allow", { reason }),
    again("automatic", "ledger"),
  )

export const usePersonChange = () =>
  useChange(
    ({ id, ...body }: { readonly id: string; readonly role?: string; readonly active?: boolean }) =>
      send<unknown>("PATCH", `/people/${encodeURIComponent(id)}`, body),
    again("people", "ledger"),
  )

export const useNewPerson = () =>
  useChange(
    (body: { readonly name: string; readonly password: string; readonly role: string }) =>
      send<unknown>("POST", "/people", body),
    again("people", "ledger"),
  )

export type Entry =
  | { readonly name: string; readonly password: string }
  | { readonly token: string; readonly name: string; readonly password: string }

/** Signs in, or makes the first administrator, who is then signed in. */
export const useEntry = () =>
  useChange(
    (body: Entry) =>
      send<Session>("POST", "token" in body ? "/first-administrator" : "/session", body),
    async (client, session) => {
      if (session?.csrf) keepCsrf(session.csrf)
      await client.refetchQueries({ queryKey: ["session"] })
      void client.invalidateQueries()
    },
  )

export const useNewPassword = () =>
  useChange(
    (body: { readonly password: string; readonly next: string }) =>
      send<unknown>("POST", "/session/password", body),
    again("ledger"),
  )

export const useSignOut = () =>
  useChange(
    () => send<unknown>("DELETE", "/session"),
    (client) => void client.invalidateQueries(),
  )

export const useIssueReport = () =>
  useChange(
    (asked: { from: number; to: number; equipment?: string }) =>
      send<ReportView>("POST", "/reports", asked),
    again("reports", "ledger"),
  )
