import { isIP } from "node:net"
import { isAbsolute, join } from "node:path"
import type { BrokerConfig } from "../../model/plant.ts"
import type { BrokerFile } from "../broker-file.ts"
import { isLoopback } from "../network.ts"
import type { PlantFile } from "../plant-file.ts"
import { type Entry, entryAt, type Problems } from "./entry.ts"

/** The broker as the plant's files want it, with what is unsafe told as problems. */
export function brokerOf(
  file: BrokerFile | undefined,
  root: Entry,
  { folder, problems }: { folder: string; problems: Problems },
): BrokerConfig | undefined {
  if (!file) return undefined
  const entry = entryAt(root, "broker")
  const isHere = file.host === "localhost" || isLoopback(file.host)
  if (!isHere && !file.tls) {
    const what = `host, got "${file.host}" without tls, expected 127.0.0.1 or a certificate under tls`
    problems.add("config-invalid", entryAt(entry, "host").place, what)
  }
  const located = (path: string) => (isAbsolute(path) ? path : join(folder, path))
  return {
    host: file.host,
    port: file.port,
    ...(file.tls && { tls: { cert: located(file.tls.cert), key: located(file.tls.key) } }),
    anonymous: file.anonymous,
    publishers: Object.entries(file.publishers).map(([name, publisher]) => ({
      name,
      ...publisher,
    })),
    maxConnections: file["max-connections"],
    maxMessageBytes: file["max-message-bytes"],
    maxMessagesPerSecond: file["max-messages-per-second"],
  }
}

/** Ranges that are none are told; the rest of the list stays. */
export function checkRanges({ network }: PlantFile, root: Entry, problems: Problems): void {
  for (const key of ["allow", "deny"] as const)
    network[key].forEach((range, i) => {
      const [address = "", bits = "0"] = range.split("/")
      const most = isIP(address) === 6 ? 128 : 32
      if (isIP(address) !== 0 && Number(bits) <= most) return
      const what = `${key}, got "${range}", expected an address or range such as 203.0.113.0/24`
      problems.add("config-invalid", entryAt(root, "network", key, i).place, what)
    })
}
