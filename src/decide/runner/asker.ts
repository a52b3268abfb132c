import type { Finding, Findings } from "../../analyse/finding.ts"
import { placeOf } from "../../analyse/place.ts"
import type { Cycles } from "../../historian/historian.ts"
import type { Clock } from "../../kernel/clock.ts"
import type { Ids } from "../../kernel/ids.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import type { DeciderConfig, Plant } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import type { Tag } from "../../model/tag.ts"
import type { Namespace } from "../../namespace/namespace.ts"
import type { LedgerId } from "../../store/ledger.ts"
import type { Store } from "../../store/store.ts"
import type { Decider, Decision, DecisionDraft } from "../decide.ts"
import { deciders } from "../registry.ts"
import type { Docket } from "./docket.ts"
import { RecentCycles } from "./recent.ts"
import { snapshotOf } from "./snapshot.ts"

export interface AskerOptions {
  readonly plant: Pick<Plant, "deciders" | "devices" | "tags">
  readonly namespace: Namespace
  readonly cycles: Cycles
  readonly findings: Findings
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  /** Whether the tag's device takes writes; where it doesn't, proposals stay advice. */
  canWrite(target: Path): boolean
}

interface Seat {
  readonly config: DeciderConfig
  readonly decider: Decider
  memory: unknown
}

/** What a decider is shown of an equipment's past. */
interface Past {
  readonly at: Instant
  readonly cycles: readonly Cycle[]
}

interface Asking {
  readonly failed: (thrown: unknown) => void
  readonly picture: (equipment: Path) => Past
}

const currentMs = 3_600_000

/** Shows each decider its picture and enters what it proposes, with what it remembers, into the docket. */
export class Asker {
  readonly #options: AskerOptions
  readonly #docket: Docket
  #plant: AskerOptions["plant"]
  #tags: ReadonlyMap<Path, Tag> = new Map()
  readonly #recent = new RecentCycles()
  #seats: readonly Seat[] = []

  constructor(options: AskerOptions, docket: Docket) {
    this.#options = options
    this.#docket = docket
    this.#plant = options.plant
  }

  /** Reads what deciders remember; again, with another plant, when its files have changed. */
  async load(plant: AskerOptions["plant"] = this.#plant): Promise<void> {
    this.#plant = plant
    this.#tags = new Map(plant.tags.map((tag) => [tag.path, tag]))
    const seats: Seat[] = []
    for (const config of plant.deciders) {
      seats.push(await this.#seatOf(config))
      await this.#recent.load(config.equipment, this.#options.cycles)
    }
    this.#seats = seats
  }

  observe(cycles: readonly Cycle[]): void {
    this.#recent.add(cycles)
  }

  /** Whether the equipment's cycles are of now; while older ones are caught up, only findings are answered. */
  isCurrent(equipment: Path): boolean {
    const last = this.#recent.lastEnd(equipment)
    return last === undefined || this.#options.clock.now() - last < currentMs
  }

  /** Asks about a finding as of its time: the picture holds nothing that came later. */
  async askAbout(
    finding: Finding,
    failed: (thrown: unknown) => void,
  ): Promise<readonly Decision[]> {
    const { at, equipment } = finding
    const cycles = await this.#recent.asOf(equipment, at, this.#options.cycles)
    return this.#askAll(new Set([equipment]), { failed, picture: () => ({ at, cycles }) })
  }

  /** Gives what was proposed. A decider that fails stops no other one; what it threw goes to `failed`. */
  ask(
    equipment: ReadonlySet<Path>,
    failed: (thrown: unknown) => void,
  ): Promise<readonly Decision[]> {
    const at = this.#options.clock.now()
    const picture = (path: Path) => ({ at, cycles: this.#recent.of(path) })
    return this.#askAll(equipment, { failed, picture })
  }

  async #askAll(equipment: ReadonlySet<Path>, how: Asking): Promise<readonly Decision[]> {
    const proposed: Decision[] = []
    for (const seat of this.#seats) {
      if (!equipment.has(seat.config.equipment)) continue
      try {
        proposed.push(...(await this.#askOne(seat, how.picture(seat.config.equipment))))
      } catch (thrown) {
        how.failed(thrown)
      }
    }
    return proposed
  }

  async #seatOf(config: DeciderConfig): Promise<Seat> {
    const { store } = this.#options
    const kind = await deciders[config.kind]?.()
    if (!kind)
      throw new Problem(
        "config-invalid",
        `decider ${config.name}`,
        `got kind "${config.kind}", expected one of ${Object.keys(deciders).join(", ")}`,
      )
    const decider = kind.create(config.options, placeOf(this.#plant, config.equipment))
    const kept = await store.get<{ kind: string; memory: unknown }>(
      "memory",
      `decider:${config.name}`,
    )
    const memory = kept?.kind === config.kind ? kept.memory : decider.initial
    return { config, decider, memory }
  }

  async #askOne(seat: Seat, picture: Past): Promise<readonly Decision[]> {
    const { namespace, canWrite, findings } = this.#options
    const { config, decider } = seat
    const decisions = this.#docket.list().filter((d) => d.decider === config.name)
    const sources = { namespace, tags: this.#tags, canWrite }
    const own = { ...picture, decisions, findings: findings.list() }
    const snapshot = snapshotOf(config.equipment, own, sources)
    const { memory, proposals } = decider.decide(snapshot, seat.memory)
    const remembers = JSON.stringify(memory) !== JSON.stringify(seat.memory)
    if (proposals.length === 0 && !remembers) return []
    const document = { kind: config.kind, memory }
    const added = await this.#docket.add(
      proposals.map((draft) => this.#decisionOf(draft, config, snapshot.at)),
      {
        causes: (decision) => recordsOf(decision, findings),
        puts: [{ collection: "memory", id: `decider:${config.name}`, document }],
      },
    )
    seat.memory = memory
    return added
  }

  #decisionOf(draft: DecisionDraft, config: DeciderConfig, at: Instant): Decision {
    const { ids } = this.#options
    return {
      ...draft,
      id: ids(),
      decider: config.name,
      subject: config.equipment,
      at,
      policy: config.policy,
      state: this.#isAdvice(draft, config) ? "advice" : "proposed",
      record: "",
    }
  }

  #isAdvice(draft: DecisionDraft, config: DeciderConfig): boolean {
    if (config.policy === "advise") return true
    return (
      "writes" in draft.body && !draft.body.writes.every((w) => this.#options.canWrite(w.target))
    )
  }
}

function recordsOf(decision: Decision, findings: Findings): readonly LedgerId[] {
  return decision.findings.flatMap((id) => findings.get(id)?.record ?? [])
}
