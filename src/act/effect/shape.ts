/** Response of a process of one mass (of heat, say) with time constant `pace` to a step of its cause at 0. In cycles. */
export function lag(at: number, pace: number): number {
  return at > 0 ? 1 - Math.exp(-at / pace) : 0
}

/** The same where the cause comes steadily over `lasts` cycles and stays: clogging, wear, weather. */
export function creep(at: number, pace: number, lasts: number): number {
  return (area(at, pace) - area(at - lasts, pace)) / lasts
}

/** Area under the lag up to `at`. */
function area(at: number, pace: number): number {
  return at > 0 ? at - pace * lag(at, pace) : 0
}
