/** Where a metric stands beneath an edge node; the device is empty for a metric of the node itself. */
export interface MetricAddress {
  readonly device: string
  readonly metric: string
}

/** `<device>:<metric>`; the first colon splits. Undefined where there is none, or no metric behind it. */
export function parseAddress(address: string): MetricAddress | undefined {
  const colon = address.indexOf(":")
  if (colon < 0 || colon === address.length - 1) return undefined
  return { device: address.slice(0, colon), metric: address.slice(colon + 1) }
}

export function formatAddress({ device, metric }: MetricAddress): string {
  return `${device}:${metric}`
}
