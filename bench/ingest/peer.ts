export async function measurePeer(_: {
  nodes: number
  metrics: number
  seconds: number
  warmSeconds: number
}): Promise<{ name: string; samplesPerSecond: number }> {
  return { name: "none", samplesPerSecond: 1 }
}
