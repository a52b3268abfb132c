/** Topics of Sparkplug B (Sparkplug 3.0.0, chapter 4). */
export const messageTypes = [
  "NBIRTH",
  "NDEATH",
  "DBIRTH",
  "DDEATH",
  "NDATA",
  "DDATA",
  "NCMD",
  "DCMD",
] as const

export type MessageType = (typeof messageTypes)[number]

export interface SparkplugTopic {
  readonly group: string
  readonly type: MessageType
  readonly node: string
  /** Absent for messages of the edge node itself. */
  readonly device?: string
}

const namespace = "spBv1.0"

/** Undefined where the topic is none of an edge node, such as STATE. Messages that begin with D name a device, others none. */
export function parseTopic(topic: string): SparkplugTopic | undefined {
  const [first, group, type, node, device, ...rest] = topic.split("/")
  if (first !== namespace || !group || !isMessageType(type) || !node || rest.length > 0)
    return undefined
  const isOfDevice = type.startsWith("D")
  if (isOfDevice !== Boolean(device)) return undefined
  return device ? { group, type, node, device } : { group, type, node }
}

export function formatTopic({ group, type, node, device }: SparkplugTopic): string {
  return [namespace, group, type, node, ...(device === undefined ? [] : [device])].join("/")
}

/** Where a host application says whether it is there (Sparkplug 3.0.0, 4.2.3). */
export function stateTopic(host: string): string {
  return `${namespace}/STATE/${host}`
}

export interface HostState {
  readonly online: boolean
  /** When the host connected, ms since 1970 UTC. */
  readonly timestamp: number
}

export function encodeState({ online, timestamp }: HostState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ online, timestamp: Math.floor(timestamp) }))
}

/** Undefined where the bytes are no state. */
export function decodeState(bytes: Uint8Array): HostState | undefined {
  try {
    const state: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof state !== "object" || state === null) return undefined
    const { online, timestamp } = state as Partial<Record<string, unknown>>
    if (typeof online !== "boolean" || typeof timestamp !== "number") return undefined
    return { online, timestamp }
  } catch {
    return undefined
  }
}

function isMessageType(type: string | undefined): type is MessageType {
  return messageTypes.some((known) => known === type)
}
