import { parsePath } from "../../model/path.ts"
import { keepAll, type Plant } from "../../model/plant.ts"
import type { Tag } from "../../model/tag.ts"

export const machine = parsePath("hwaseong/dc-1")
export const temperature = parsePath("hwaseong/dc-1/die-temperature")
export const flow = parsePath("hwaseong/dc-1/cooling-flow-set")
export const state = parsePath("hwaseong/dc-1/state")
export const note = parsePath("hwaseong/dc-1/note")

const tag = {
  equipment: machine,
  kind: "number",
  unit: "1",
  name: { en: "a tag", ko: "태그" },
  decimals: 1,
  staleAfterMs: 3_600_000,
  limits: [],
} as const satisfies Partial<Tag>

const tags: readonly Tag[] = [
  {
    ...tag,
    path: temperature,
    unit: "Cel",
    range: [0, 400],
    normal: [185, 215],
    limits: [
      {
        side: "high",
        at: 235,
        priority: 2,
        onDelayMs: 0,
        offDelayMs: 0,
        deadband: 4,
        suppressedIn: [],
      },
    ],
  },
  {
    ...tag,
    path: flow,
    unit: "L/min",
    writable: { min: 20, max: 80, maxStep: 15, minIntervalMs: 0, interlocks: [] },
  },
  { ...tag, path: state },
  { ...tag, path: note, kind: "text" },
]

/** One die caster with four tags. */
export const plant: Plant = {
  name: { en: "A shop", ko: "공장" },
  timezone: "Asia/Seoul",
  equipment: [
    { path: parsePath("hwaseong"), level: "site", name: { en: "Hwaseong", ko: "화성" } },
    { path: machine, level: "unit", name: { en: "Die caster 1" }, type: "moru/dcm-350" },
  ],
  tags,
  devices: [
    {
      name: "dc-1",
      connector: "opcua",
      options: { password: "never to be shown" },
      points: tags.map(({ path }) => ({ tag: path, address: path })),
      records: [],
    },
  ],
  cycles: [{ equipment: machine, verdicts: [] }],
  states: [{ equipment: machine, tag: state, values: { 1: "running", 2: "stopped" } }],
  analysers: [],
  deciders: [],
  network: { allow: [], deny: [] },
  storage: keepAll,
  machines: [],
}
