import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"

const defaultPort = 4840

/**
 * The endpoint with the numeric address that the plant's network policy lets through. The library connects to this and never
 * to an address in the server's answers, and it binds certificates to their fingerprint instead of the host's name.
 */
export async function reachEndpoint(endpoint: string, host: Host): Promise<string> {
  const where = `${host.name} (${endpoint})`
  const { hostname, port, pathname, search } = parse(endpoint, where)
  const wanted = { host: hostname, port: port === "" ? defaultPort : Number(port) }
  const reached = await host.network.reach(wanted, where)
  if (reached.family === 4)
    return `opc.tcp://${reached.address}:${reached.port}${pathname}${search}`
  const what = `got the IPv6 address ${reached.address}, expected the machine's IPv4 address`
  throw new Problem("option-invalid", where, what)
}

function parse(endpoint: string, where: string): URL {
  const parsed = URL.parse(endpoint)
  if (parsed?.hostname) return parsed
  const what = "got no address, expected one such as opc.tcp://192.168.0.10:4840"
  throw new Problem("option-invalid", where, what)
}
