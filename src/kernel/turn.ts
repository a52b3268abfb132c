/**
 * Gives the rest of the process its turn amid long work. No time passes by it, so it is no clock: in a simulation the
 * work goes on in the same instant.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
