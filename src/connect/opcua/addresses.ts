import { coerceNodeId, type NodeId } from "node-opcua"

/**
 * The node that an address names at this server, such as `ns=2;i=7` or `nsu=urn:moru:dcm-350;s=Die.Upper1`; a
 * namespace's index may change with each start of a server, so it is looked up by its URI after each connect.
 * Undefined where the address is no node id or the server has no such namespace.
 */
export function nodeIdOf(address: string, namespaces: readonly string[]): NodeId | undefined {
  const [, uri, rest] = /^nsu=([^;]+);(.+)$/.exec(address) ?? []
  const index = uri === undefined ? undefined : namespaces.indexOf(uri)
  if (index === -1) return undefined
  try {
    return coerceNodeId(index === undefined ? address : `ns=${index};${rest}`)
  } catch {
    return undefined
  }
}

/** The way back: with the namespace's URI, so that the address outlives a restart of the server. */
export function addressOf(node: NodeId, namespaces: readonly string[]): string {
  const uri = namespaces[node.namespace]
  const id = node.toString().replace(/^ns=\d+;/, "")
  return node.namespace === 0 || uri === undefined ? node.toString() : `nsu=${uri};${id}`
}
