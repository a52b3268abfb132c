import type {
  OPCUAClient as Client,
  ClientSession,
  ClientSessionPublishService,
  ClientSessionRawSubscriptionService,
  UserIdentityInfo,
} from "node-opcua"
import {
  AttributeIds,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
  UserTokenType,
} from "node-opcua"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import { within } from "../waiting.ts"
import { DeviceCertificates } from "./certificates.ts"
import { reachEndpoint } from "./endpoint.ts"
import type { OpcUaOptions } from "./options.ts"

/** The library's session has the services of OPC 10000-4 one by one, but its type leaves them out. */
export type RawSession = ClientSession &
  ClientSessionRawSubscriptionService &
  ClientSessionPublishService

/** One open line to a server. `lost` aborts, with the Problem as its reason, when the line is dead. */
export interface Session {
  readonly session: RawSession
  /** Namespace URIs by their index at this server, now. */
  readonly namespaces: readonly string[]
  readonly lost: AbortSignal
  close(): Promise<void>
}

const modes = {
  none: MessageSecurityMode.None,
  sign: MessageSecurityMode.Sign,
  "sign-and-encrypt": MessageSecurityMode.SignAndEncrypt,
} as const

/** Opens channel and session and watches over them. Throws a Problem that says what stood in the way. */
export async function openSession(
  options: OpcUaOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Session> {
  setErrorLogger((_place, ...words) => host.log.debug(words.join(" ")))
  setWarningLogger((_place, ...words) => host.log.debug(words.join(" ")))
  const certificates = new DeviceCertificates(host)
  const timeoutMs = parseDuration(options.timeout)
  const client = OPCUAClient.create({
    applicationName: "Moru",
    clientName: host.name,
    clientCertificateManager: certificates,
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
    endpointMustExist: false,
    keepSessionAlive: false,
    keepPendingSessionsOnDisconnect: true,
    requestedSessionTimeout: Math.max(60_000, 3 * timeoutMs),
    securityMode: modes[options.security],
    securityPolicy: options.security === "none" ? SecurityPolicy.None : options.policy,
    defaultTransactionTimeout: timeoutMs,
  })
  const late = () =>
    new Problem(
      "connection-timeout",
      whereOf(options, host),
      `got no answer within ${options.timeout}`,
    )
  try {
    return await within(
      timeoutMs,
      (s) => open({ client, certificates, options, host, signal: s }),
      {
        clock: host.clock,
        signal,
        late,
      },
    )
  } catch (thrown) {
    void release(client, certificates)
    throw certificates.problem ?? problemOf(thrown, options, host)
  }
}

interface Opening {
  readonly client: Client
  readonly certificates: DeviceCertificates
  readonly options: OpcUaOptions
  readonly host: Host
  readonly signal: AbortSignal
}

async function open({ client, certificates, options, host, signal }: Opening): Promise<Session> {
  await client.connect(await reachEndpoint(options.endpoint, host))
  const session = (await client.createSession(identityOf(options))) as RawSession
  const namespaces = await session.readNamespaceArray()
  // Whoever waited may be gone: nobody would ever end the watch over this line.
  signal.throwIfAborted()
  const lost = new AbortController()
  const lose = (because: string) =>
    lost.abort(new Problem("connection-lost", whereOf(options, host), because))
  client.on("connection_lost", () => lose("the line broke"))
  client.on("close", () => lose("the line was closed"))
  session.on("session_closed", () => lose("the server closed the session"))
  ping(session, { options, host, lost, lose }).catch(() => {})
  const close = async () => {
    const isAlive = !lost.signal.aborted
    lose("the line was closed")
    // A session that was cut off stays at the server: its subscription can be taken over.
    if (isAlive) await session.close(true).catch(() => {})
    await release(client, certificates)
  }
  return { session, namespaces, lost: lost.signal, close }
}

/** The library keeps certificates in a list of its own until they are disposed of after the client. */
async function release(client: Client, certificates: DeviceCertificates): Promise<void> {
  await client.disconnect().catch(() => {})
  certificates.referenceCounter = 0
  await certificates.dispose().catch(() => {})
}

const serverState = { nodeId: "ns=0;i=2259", attributeId: AttributeIds.Value }

/** A line can die without a word (a pulled cable): asks the server for its state and takes silence for a loss. */
async function ping(
  session: ClientSession,
  line: { options: OpcUaOptions; host: Host; lost: AbortController; lose: (why: string) => void },
): Promise<void> {
  const { options, host, lost, lose } = line
  const { clock } = host
  const timeoutMs = parseDuration(options.timeout)
  const signal = lost.signal
  const late = () =>
    new Problem("connection-lost", whereOf(options, host), `no answer within ${options.timeout}`)
  while (!signal.aborted) {
    await clock.sleep((timeoutMs / 2) * (clock.speed ?? 1), signal)
    try {
      await within(timeoutMs, () => session.read(serverState), { clock, signal, late })
    } catch (thrown) {
      lose(thrown instanceof Problem ? thrown.what : `no answer, ${messageOf(thrown)}`)
    }
  }
}

function identityOf(options: OpcUaOptions): UserIdentityInfo {
  const { user, password = "" } = options
  if (user === undefined) return { type: UserTokenType.Anonymous }
  return { type: UserTokenType.UserName, userName: user, password }
}

function whereOf(options: OpcUaOptions, host: Host): string {
  return `${host.name} (${options.endpoint})`
}

function messageOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).split("\n")[0] ?? ""
}

/** The library says what happened in its messages only. */
function problemOf(thrown: unknown, options: OpcUaOptions, host: Host): unknown {
  if (thrown instanceof Problem) return thrown
  if (thrown instanceof Error && thrown.name === "AbortError") return thrown
  const where = whereOf(options, host)
  const says = thrown instanceof Error ? thrown.message : String(thrown)
  const what = `got "${says.replace(/\s+/g, " ").slice(0, 200)}"`
  const cause = { cause: thrown }
  if (/Bad(UserAccessDenied|IdentityToken(Rejected|Invalid))|user token policy/i.test(says))
    return new Problem("credentials-refused", where, `the server refused the user`, cause)
  if (/Bad(SecurityChecksFailed|Certificate\w+)/.test(says))
    return new Problem(
      "certificate-untrusted",
      where,
      "the server does not trust Moru's certificate; trust it at the machine",
      cause,
    )
  if (/Cannot find an Endpoint|security/i.test(says))
    return new Problem(
      "option-invalid",
      where,
      `${what}, expected a security that it offers`,
      cause,
    )
  if (/timeout|timed out/i.test(says)) return new Problem("connection-timeout", where, what, cause)
  return new Problem("connection-refused", where, what, cause)
}
