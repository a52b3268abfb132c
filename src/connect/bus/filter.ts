/**
 * True where every topic that `narrow`, a filter or a single topic, stands for is matched by `wide` (MQTT 3.1.1, 4.7). A
 * leading wildcard leaves topics that begin with $ alone (4.7.2).
 */
export function covers(wide: string, narrow: string): boolean {
  if (narrow.startsWith("$") && /^[+#]/.test(wide)) return false
  const [filter, levels] = [wide.split("/"), narrow.split("/")]
  for (const [i, level] of filter.entries()) {
    if (level === "#") return true
    const given = levels[i]
    if (given === undefined || given === "#") return false
    if (level !== "+" && level !== given) return false
  }
  return filter.length === levels.length
}

export function isTopic(text: string): boolean {
  return text !== "" && !/[+#\0]/.test(text)
}
