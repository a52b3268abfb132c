import { joinPath, type Path, parsePath } from "../../model/path.ts"
import {
  type CycleConfig,
  type DeciderConfig,
  type DeviceConfig,
  keepAll,
  type PartConfig,
  type Plant,
} from "../../model/plant.ts"
import type { Tag, Writable } from "../../model/tag.ts"
import type { RecordedField, RecordedMachine } from "../../twin/recording.ts"
import { knownColumns, watchedFields } from "./columns.ts"

export interface ReplayPlace {
  readonly endpoint: string
  readonly zone: string
}

const site = parsePath("recording")

/** A plant with an equipment for each recorded mould, connected like any other machine. */
export function plantOf(machines: readonly RecordedMachine[], place: ReplayPlace): Plant {
  const moulds = machines.map((machine) => mouldOf(machine, place))
  return {
    name: { en: "Recording", ko: "기록 재생" },
    timezone: place.zone,
    equipment: [
      { path: site, level: "site", name: { en: "Recording", ko: "기록" } },
      ...machines.map((machine) => ({
        path: equipmentOf(machine),
        level: "unit" as const,
        name: { en: `Mould ${machine.mould}`, ko: `금형 ${machine.mould}` },
      })),
    ],
    tags: moulds.flatMap(({ tags }) => tags),
    devices: moulds.map(({ device }) => device),
    cycles: moulds.map(({ cycle }) => cycle),
    states: [],
    analysers: moulds.flatMap(({ analysers }) => analysers),
    deciders: moulds.flatMap(({ deciders }) => deciders),
    network: { allow: [], deny: [] },
    storage: keepAll,
    machines: [],
  }
}

export function equipmentOf(machine: RecordedMachine): Path {
  return joinPath(site, `mould-${machine.name}`)
}

export function fieldTag(machine: RecordedMachine, field: RecordedField): Path {
  return joinPath(equipmentOf(machine), "shot", field.name)
}

function mouldOf(machine: RecordedMachine, { endpoint }: ReplayPlace) {
  const equipment = equipmentOf(machine)
  const fields = machine.fields.map((f) => ({ ...f, tag: fieldTag(machine, f) }))
  const names = new Set(fields.map(({ name }) => name))
  const device: DeviceConfig = {
    name: `mould-${machine.name}`,
    connector: "opcua",
    options: { endpoint, security: "none" },
    points: [],
    records: [{ name: "shots", equipment, address: machine.address, fields }],
  }
  const setPoints = [
    setPoint(equipment, { name: "cooling-flow-set", unit: "L/min", max: 80, step: 15 }),
    setPoint(equipment, { name: "hold-next-cycle", unit: "1", max: 1, step: 1 }),
  ]
  return {
    device,
    tags: [...fields.map((field) => tagOf(equipment, field)), ...setPoints],
    cycle: cycleConfigOf(equipment, names),
    analysers: analysersOf(machine, equipment, names),
    deciders: decidersOf(machine, equipment, names),
  }
}

function tagOf(equipment: Path, field: RecordedField & { readonly tag: Path }): Tag {
  const known = Object.hasOwn(knownColumns, field.name) ? knownColumns[field.name] : undefined
  return {
    path: field.tag,
    equipment,
    kind: field.kind,
    ...(field.isDigits ? { digits: true as const } : {}),
    unit: known?.unit ?? "1",
    name: known?.name ?? { en: field.column },
    decimals: 1,
    staleAfterMs: 3_600_000,
    limits: field.kind === "number" ? (known?.limits ?? []) : [],
  }
}

/** A recording has no set point; these stand for the ones of its machine, so that what would be done can be said. */
function setPoint(
  equipment: Path,
  of: { readonly name: string; readonly unit: string; readonly max: number; readonly step: number },
): Tag {
  const writable: Writable = {
    min: 0,
    max: of.max,
    maxStep: of.step,
    minIntervalMs: 0,
    interlocks: [],
  }
  return {
    path: joinPath(equipment, of.name),
    equipment,
    kind: of.name === "hold-next-cycle" ? "boolean" : "number",
    unit: of.unit,
    name: { en: of.name },
    decimals: 0,
    staleAfterMs: 3_600_000,
    limits: [],
    writable,
  }
}

function cycleConfigOf(equipment: Path, names: ReadonlySet<string>): CycleConfig {
  const duration = ["facility-operation-cycle-time", "production-cycletime"].find((n) =>
    names.has(n),
  )
  return {
    equipment,
    ...(duration ? { durationField: duration } : {}),
    ...(names.has("mold-code") ? { toolField: "mold-code" } : {}),
    verdicts: [
      { field: "tryshot-signal", is: ["D"], verdict: "trial" },
      { field: "passorfail", is: [1], verdict: "bad" },
      { field: "passorfail", is: [0], verdict: "good" },
    ],
  }
}

function analysersOf(
  machine: RecordedMachine,
  equipment: Path,
  names: ReadonlySet<string>,
): PartConfig[] {
  const fields = watchedFields.filter((name) => names.has(name))
  const badRun: PartConfig = {
    ...{ name: `${machine.name}-bad-run`, kind: "bad-run", equipment },
    options: { run: 3 },
  }
  const drift: PartConfig = {
    name: `${machine.name}-drift`,
    kind: "drift",
    equipment,
    options: { fields },
  }
  return fields.length > 0 ? [drift, badRun] : [badRun]
}

function decidersOf(
  machine: RecordedMachine,
  equipment: Path,
  names: ReadonlySet<string>,
): DeciderConfig[] {
  const measure = watchedFields.find((name) => names.has(name))
  const hold: DeciderConfig = {
    ...{ name: `${machine.name}-hold`, kind: "hold", equipment, policy: "approve" },
    options: { "set-point": "hold-next-cycle", run: 3 },
  }
  if (!measure) return [hold]
  const cooling: DeciderConfig = {
    ...{ name: `${machine.name}-cooling`, kind: "cooling", equipment, policy: "approve" },
    options: { "set-point": "cooling-flow-set", measure, step: 10 },
  }
  return [cooling, hold]
}
