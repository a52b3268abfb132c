import { lookup } from "node:dns/promises"
import { BlockList, isIP } from "node:net"
import { Problem } from "../../model/problem.ts"
import type { HostAndPort, Network, NetworkPolicy, Reached } from "../network.ts"

/** Ranges of private networks and of this computer: RFC 1918, RFC 4193, RFC 6598, loopback. */
const privateRanges = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "::1/128",
  "fc00::/7",
]

/** Never a machine: this host unspecified, link-local (where clouds keep their secrets), multicast, broadcast. */
const neverRanges = [
  "0.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "fe80::/10",
  "ff00::/8",
]

/** The real network through the plant's policy. */
export class SystemNetwork implements Network {
  readonly #policy: NetworkPolicy
  readonly #allowed: BlockList
  readonly #denied: BlockList
  readonly #never = listOf(neverRanges)

  constructor(policy: NetworkPolicy = { allow: [], deny: [] }) {
    this.#policy = policy
    this.#allowed = listOf([...privateRanges, ...policy.allow])
    this.#denied = listOf(policy.deny)
  }

  async reach({ host, port }: HostAndPort, where: string): Promise<Reached> {
    const found = await lookup(host, { all: true, verbatim: true }).catch((thrown) => {
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
    const family = isIP(plain) === 6 ? "ipv6" : "ipv4"
    const own = this.#policy.own?.() ?? []
    const isOwn = own.some((one) => one.port === port && one.host === plain)
    const isAllowed = !this.#denied.check(plain, family) && this.#allowed.check(plain, family)
    if (isAllowed && !isOwn && !this.#never.check(plain, family)) return
    const shown = address === host ? `"${host}"` : `"${host}" (${address})`
    const why = isOwn ? "which is Moru itself" : "which the plant's network policy forbids"
    throw new Problem("address-forbidden", where, `got ${shown}, ${why}`)
  }
}

/** An IPv4 address in the clothes of IPv6 is judged as what it is. */
function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "")
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)
  return mapped?.[1] ?? bare
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = "", bits] = range.split("/")
    const family = isIP(address) === 6 ? "ipv6" : "ipv4"
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
