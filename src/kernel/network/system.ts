import { promises as dns, type LookupAddress } from "node:dns"
import { BlockList, isIP } from "node:net"
import { networkInterfaces } from "node:os"
import { Problem } from "../../model/problem.ts"
import {
  type HostAndPort,
  isLoopback,
  type Network,
  type NetworkPolicy,
  type Reached,
} from "../network.ts"

/** Private networks: RFC 1918, RFC 6598 (shared by carriers), RFC 4193. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]

/**
 * Never a machine: this host unspecified, link-local (where clouds keep their secrets), multicast, broadcast, and IPv6
 * addresses that stand for an IPv4 address behind a translator (RFC 6052, RFC 3056), which could be any of these.
 */
const neverRanges = [
  "0.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "fe80::/10",
  "ff00::/8",
  "64:ff9b::/96",
  "2002::/16",
]

/** All addresses of a name; rejects where there are none. */
type Lookup = (host: string) => Promise<readonly LookupAddress[]>

/** The system's resolver also reads numbers in any form, such as `0x7f.1`, and gives them as the address they are. */
const systemLookup: Lookup = async (host) =>
  host === "" ? [] : dns.lookup(host, { all: true, order: "ipv4first" })

/** The real network through the plant's policy. */
export class SystemNetwork implements Network {
  readonly #policy: NetworkPolicy
  readonly #lookup: Lookup
  readonly #allowed: BlockList
  readonly #denied: BlockList
  readonly #never = listOf(neverRanges)

  constructor(policy: NetworkPolicy = { allow: [], deny: [] }, lookup = systemLookup) {
    this.#policy = policy
    this.#lookup = lookup
    this.#allowed = listOf([...privateRanges, ...policy.allow])
    this.#denied = listOf(policy.deny)
  }

  async reach(wanted: HostAndPort, where: string): Promise<Reached> {
    const { port } = wanted
    const host = wanted.host.replace(/^\[(.*)\]$/, "$1")
    const found = await this.#lookup(host).catch((thrown) => {
      const what = `got host "${host}", which no address is known for (${String(thrown.code ?? thrown)})`
      throw new Problem("connection-refused", where, what)
    })
    for (const { address } of found) this.#check({ address, port, host }, where)
    const [first] = found
    if (!first) throw new Problem("connection-refused", where, `got host "${host}" without address`)
    return { address: first.address, family: first.family === 6 ? 6 : 4, port, host }
  }

  /** One forbidden address among several is enough: which of them is taken is chance. */
  #check({ address, port, host }: { address: string; port: number; host: string }, where: string) {
    const plain = plainAddress(address)
    const isOwn = this.#isOwn(plain, port)
    const isAllowed =
      !holds(this.#denied, plain) && (isLoopback(plain) || holds(this.#allowed, plain))
    if (isAllowed && !isOwn && !holds(this.#never, plain)) return
    const shown = address === host ? `"${host}"` : `"${host}" (${address})`
    const why = isOwn ? "which is Moru itself" : "which the plant's network policy forbids"
    throw new Problem("address-forbidden", where, `got ${shown}, ${why}`)
  }

  /** A program that listens on all addresses is met at each of this computer's. */
  #isOwn(address: string, port: number): boolean {
    const own = this.#policy.own?.() ?? []
    return own.some((one) => {
      if (one.port !== port) return false
      if (one.host === "localhost") return isLoopback(address)
      if (one.host !== "0.0.0.0" && one.host !== "::") return plainAddress(one.host) === address
      return isLoopback(address) || isOfThisComputer(address)
    })
  }
}

function isOfThisComputer(address: string): boolean {
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((one) => plainAddress(one.address) === address),
  )
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")
}

/** An IPv4 address in the clothes of IPv6 (RFC 4291, 2.5.5.2) is judged as what it is; `::ffff:7f00:1` is 127.0.0.1. */
function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "")
  if (isIP(bare) !== 6) return bare
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short) ?? []
  if (high === undefined || low === undefined) return short
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [a >> 8, a & 255, b >> 8, b & 255].join(".")
}

/** Throws `config-invalid` where one is neither an address nor a range. */
function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = "", bits] = range.split("/")
    const family = isIP(address) === 6 ? "ipv6" : "ipv4"
    try {
      if (bits === undefined) list.addAddress(address, family)
      else list.addSubnet(address, /^\d+$/.test(bits) ? Number(bits) : Number.NaN, family)
    } catch {
      const what = `got "${range}", expected an address or a range such as 203.0.113.0/24`
      throw new Problem("config-invalid", "network", what)
    }
  }
  return list
}
