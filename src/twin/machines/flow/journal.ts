import type { Files } from "../../../kernel/files.ts"
import type { Part } from "../../flow.ts"

/** One step of a part through a machine. `known` carries the serials on when the file is written anew. */
type Step =
  | { readonly arrived: Part }
  | { readonly leaving: Part }
  | { readonly gone: string }
  | { readonly known: { readonly arrived: string[]; readonly left: string[] } }

/** Serials that are remembered, so that a part that is sent again is known. */
const remembered = 5000
/** Steps after which the file is written anew. */
const longest = 20_000

/**
 * Where each part in a machine is, safe over a power cut: arrived, leaving or gone. A part that had arrived and not yet
 * left is waiting again after a restart, so the machine works on it anew.
 */
export class FlowJournal {
  readonly #files: Files
  readonly #path: string
  readonly #arrived = new Map<string, Part>()
  readonly #leaving = new Map<string, Part>()
  readonly #knownArrived = new Set<string>()
  readonly #knownLeft = new Set<string>()
  #pending: Step[] = []
  #isScheduled = false
  #steps = 0
  #work: Promise<void> = Promise.resolve()

  constructor(files: Files, path: string) {
    this.#files = files
    this.#path = path
  }

  async open(): Promise<void> {
    const text = new TextDecoder().decode(await this.#files.read(this.#path))
    for (const line of text.split("\n")) {
      const step = stepIn(line)
      if (step) this.#take(step)
    }
    // Written anew each time: what is added later must not end up behind a torn line.
    await this.#rewrite()
  }

  /** In the machine, in the order of arrival. */
  get arrived(): readonly Part[] {
    return [...this.#arrived.values()]
  }

  get leaving(): readonly Part[] {
    return [...this.#leaving.values()]
  }

  hasArrived(serial: string): boolean {
    return this.#knownArrived.has(serial)
  }

  hasLeft(serial: string): boolean {
    return this.#knownLeft.has(serial)
  }

  /** Counts at once; what is noted is safe when `settled` resolves. */
  note(step: Exclude<Step, { known: unknown }>): void {
    this.#take(step)
    this.#pending.push(step)
    this.#schedule()
  }

  /** Throws what keeps the disk from taking it; the next call tries again. */
  settled(): Promise<void> {
    if (this.#pending.length > 0) this.#schedule()
    return this.#work
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#work = this.#work.catch(() => {}).then(() => this.#write())
    this.#work.catch(() => {})
  }

  async #write(): Promise<void> {
    this.#isScheduled = false
    const steps = this.#pending.splice(0)
    this.#steps += steps.length
    try {
      if (this.#steps > longest) await this.#rewrite()
      else await this.#files.append(this.#path, linesOf(steps))
    } catch (thrown) {
      this.#pending.unshift(...steps)
      throw thrown
    }
  }

  async #rewrite(): Promise<void> {
    const known = { arrived: [...this.#knownArrived], left: [...this.#knownLeft] }
    const steps: Step[] = [
      { known },
      ...this.arrived.map((arrived) => ({ arrived })),
      ...this.leaving.map((leaving) => ({ leaving })),
    ]
    this.#steps = steps.length
    await this.#files.write(this.#path, linesOf(steps))
  }

  #take(step: Step): void {
    if ("known" in step) {
      for (const serial of step.known.arrived) this.#knownArrived.add(serial)
      for (const serial of step.known.left) this.#knownLeft.add(serial)
    } else if ("arrived" in step) {
      this.#arrived.set(step.arrived.serial, step.arrived)
      remember(this.#knownArrived, step.arrived.serial)
    } else if ("leaving" in step) {
      this.#arrived.delete(step.leaving.serial)
      this.#leaving.set(step.leaving.serial, step.leaving)
      remember(this.#knownLeft, step.leaving.serial)
    } else {
      this.#arrived.delete(step.gone)
      this.#leaving.delete(step.gone)
      remember(this.#knownLeft, step.gone)
    }
  }
}

function remember(known: Set<string>, serial: string): void {
  known.add(serial)
  for (const oldest of known) {
    if (known.size <= remembered) return
    known.delete(oldest)
  }
}

function linesOf(steps: readonly Step[]): string {
  return steps.map((step) => `${JSON.stringify(step)}\n`).join("")
}

/** Undefined for a torn line: the power went while it was written, and nobody was told of its step. */
function stepIn(line: string): Step | undefined {
  try {
    return JSON.parse(line) as Step
  } catch {
    return undefined
  }
}
