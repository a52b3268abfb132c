import { BlockList, isIP } from "node:net"

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8, "ipv4")
loopback.addAddress("::1", "ipv6")

/** True for a numeric address of this computer alone: RFC 1122 3.2.1.3, RFC 4291 2.5.3, also in the clothes of IPv6; no name is one. */
export function isLoopback(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 6 ? "ipv6" : "ipv4")
}

/** The way to other computers: what may be reached, and by which numeric address. */
export interface Network {
  /**
   * Resolves a host that a person gave and checks every address found against the plant's policy. Connect to what is given, never to
   * the name: a name may resolve otherwise a moment later. Throws `address-forbidden` or `connection-refused`.
   */
  reach(wanted: HostAndPort, where: string): Promise<Reached>
}

export interface HostAndPort {
  /** A name, an IPv4 or an IPv6 address, without brackets. */
  readonly host: string
  readonly port: number
}

export interface Reached {
  /** Numeric. */
  readonly address: string
  readonly family: 4 | 6
  readonly port: number
  /** As it was given; TLS asks for its certificate. */
  readonly host: string
}

/** What devices may reach beside the ranges of private networks and this computer itself. */
export interface NetworkPolicy {
  /** Addresses or ranges such as `203.0.113.0/24`. */
  readonly allow: readonly string[]
  /** Goes before `allow` and the private ranges. */
  readonly deny: readonly string[]
  /** `127.0.0.1:port` of Moru's own, which no device may call. */
  readonly own?: () => readonly HostAndPort[]
}
