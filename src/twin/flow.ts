import type { Instant } from "../model/instant.ts"

/** A part on its way through the simulated plant, with what no sensor shows of it. */
export interface Part {
  /** One in the plant: no two machines make the same, so a part that comes twice is known. */
  readonly serial: string
  readonly castAt: Instant
  readonly mould: string
  /** Share of the volume that is pores, 0 to 1; a sound casting has about 0.005. */
  readonly porosity: number
  /** Vickers hardness after heat treatment; absent before. */
  readonly hardness?: number
  /** Deviation of the machined bore from its nominal size in mm; absent before machining. */
  readonly boreDeviation?: number
  /** Where it was found bad, and why; such a part goes no further. */
  readonly rejected?: { readonly at: string; readonly because: string }
}

/** Where a machine takes parts from: a buffer before it. */
export interface Inlet {
  readonly waiting: number
  /** The oldest part, or undefined where the buffer is empty (the machine is starved). */
  take(): Part | undefined
}

/** Where a machine puts finished parts: the next one's buffer, or the end of the line. */
export interface Outlet {
  /**
   * False where there is no place (the machine is blocked); the part then stays. A rejected part goes to the scrap bin,
   * which is never full.
   */
  offer(part: Part): boolean
}

/** The end of the line: whatever comes leaves the plant. */
export const endOfLine: Outlet = { offer: () => true }

/** The beginning of a line that nothing comes to. */
export const noParts: Inlet = { waiting: 0, take: () => undefined }
