import { type Static, Type } from "typebox"
import { levels } from "../model/equipment.ts"
import { equipmentStates } from "../model/plant.ts"
import { brokerFile, networkFile } from "./broker-file.ts"
import { edgesFile } from "./edge-file.ts"
import { storageFile } from "./storage-file.ts"
import { addresses, fieldFile, nameKey, namePattern, tagFile, textFor } from "./tag-file.ts"

/** The files of a plant: these schemas validate them, document them and help editors. Every default stands here. */

const closed = { additionalProperties: false } as const

/** At an equipment: a tag of its own, or the keys that differ from its type's tag (`shot/cast-pressure` for a record's field). */
const ownTags = Type.Record(
  Type.String({
    pattern: "^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)?$",
    expected: "a name of a-z, 0-9, - and _",
  }),
  Type.Partial(tagFile),
  {
    ...closed,
    default: {},
    description:
      "Tags of its own, and what differs from the type's tags: a key given here replaces the type's.",
  },
)

const deviceLinks = [
  Type.String(),
  Type.Object(
    {
      name: Type.String({ description: "Name of the device." }),
      at: Type.Optional(
        Type.String({
          minLength: 1,
          description:
            "Where the equipment stands at the device, such as a unit id; put for `{at}` in its type's addresses.",
        }),
      ),
    },
    closed,
  ),
] as const

const equipmentFile = Type.Cyclic(
  {
    equipment: Type.Object(
      {
        level: Type.Enum([...levels], {
          description:
            "Level of the ISA-95 hierarchy (IEC 62264-1); each level stands beneath a higher one.",
        }),
        name: textFor({ description: "What people call the equipment." }),
        type: Type.Optional(
          Type.String({
            pattern: "^[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9._-]*$",
            expected: "maker/model, such as moru/dcm-350",
            description:
              "Equipment type `<maker>/<model>`: a file of the plant's own `equipment` folder, or of Moru's.",
          }),
        ),
        device: Type.Optional(
          Type.Union([...deviceLinks, Type.Array(Type.Union([...deviceLinks]), { minItems: 1 })], {
            expected: "the name of a device, { name: ..., at: ... } or a list of these",
            description:
              "The device that its values come from; a tag belongs to the first of several whose connector it has an address for.",
          }),
        ),
        tags: ownTags,
        contains: Type.Record(nameKey, Type.Ref("equipment"), {
          ...closed,
          default: {},
          description: "Equipment within it, by name; names make the path.",
        }),
      },
      closed,
    ),
  },
  "equipment",
)

/** Recursive, so written out; `equipmentFile` gives the same shape. */
export interface EquipmentFile extends Omit<Static<typeof equipmentFile>, "contains"> {
  readonly contains: Readonly<Record<string, EquipmentFile>>
}

function options(of: string) {
  return Type.Unsafe<unknown>({
    default: {},
    description: `Options of the ${of}; see its page under docs/reference.`,
  })
}

const kind = (of: string) => Type.String({ description: `Kind of ${of}.` })

const equipmentPath = Type.String({
  description: "Path of the equipment it looks at, such as `site/area/line/unit`.",
})

const deviceFile = Type.Object(
  {
    connector: Type.String({
      description: "Protocol; see docs/reference/connectors.",
    }),
    edge: Type.Optional(
      Type.String({
        description: "The edge that reads it, by its name in `edges`; left out: Moru itself does.",
      }),
    ),
    options: options("connector"),
  },
  closed,
)

const analyserFile = Type.Object(
  { kind: kind("analyser"), equipment: equipmentPath, options: options("analyser") },
  closed,
)

const deciderFile = Type.Object(
  {
    kind: kind("decider"),
    equipment: equipmentPath,
    policy: Type.Enum(["advise", "approve", "automatic"], {
      default: "advise",
      description:
        "`advise`: people carry it out; `approve`: Moru does after a person's approval; `automatic`: at once.",
    }),
    options: options("decider"),
  },
  closed,
)

const machineFile = Type.Object(
  {
    kind: kind("machine"),
    edge: Type.Optional(
      Type.String({ description: "The edge beside which it runs; left out: the central Moru." }),
    ),
    options: options("machine"),
  },
  closed,
)

function named<Member extends Parameters<typeof Type.Record>[1]>(
  member: Member,
  description: string,
) {
  return Type.Record(nameKey, member, { ...closed, default: {}, description })
}

export const plantFile = Type.Object(
  {
    moru: Type.Literal("plant", { description: "Says what the file is." }),
    name: textFor({ description: "What people call the plant." }),
    timezone: Type.String({
      description: "IANA name of the time zone that screens show, such as `Asia/Seoul`.",
      expected: "an IANA time zone such as Asia/Seoul",
    }),
    include: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        "Further files of the plant, relative to this one; they hold the same keys but `moru`, `name` and `timezone`.",
    }),
    equipment: Type.Record(nameKey, equipmentFile, {
      ...closed,
      default: {},
      description: "The hierarchy from the top, by name.",
    }),
    broker: Type.Optional(brokerFile),
    network: networkFile,
    edges: edgesFile,
    storage: storageFile,
    devices: named(deviceFile, "Connections to machines, by name."),
    analysers: named(analyserFile, "What is watched, by name."),
    deciders: named(deciderFile, "What may be proposed, by name."),
    machines: named(
      machineFile,
      "Simulated machines that `moru run` starts beside itself; none in a real plant.",
    ),
  },
  { ...closed, title: "Plant", description: "A whole plant: `plant.yaml` with its includes." },
)

export type PlantFile = Omit<Static<typeof plantFile>, "equipment"> & {
  readonly equipment: Readonly<Record<string, EquipmentFile>>
}

/** For editors: a file that a plant includes. */
export const plantPartFile = Type.Partial(
  Type.Omit(plantFile, ["moru", "name", "timezone"], {
    ...closed,
    title: "Part of a plant",
    description: "A file that `plant.yaml` includes.",
  }),
  closed,
)

export const equipmentTypeFile = Type.Object(
  {
    moru: Type.Literal("equipment-type", { description: "Says what the file is." }),
    maker: Type.String({
      pattern: namePattern,
      expected: "a name of a-z, 0-9, - and _",
      description: "The maker; the file's folder.",
    }),
    model: Type.String({
      pattern: "^[a-z0-9][a-z0-9._-]*$",
      expected: "a name of a-z, 0-9, ., - and _",
      description: "The model; the file's name.",
    }),
    name: textFor({ description: "What people call such equipment." }),
    level: Type.Enum([...levels], {
      default: "unit",
      description: "Level of the ISA-95 hierarchy at which such equipment stands.",
    }),
    tags: named(tagFile, "Its values, by name."),
    state: Type.Optional(
      Type.Object(
        {
          tag: Type.String({ description: "Tag that tells the state." }),
          values: Type.Record(Type.String(), Type.Enum([...equipmentStates]), {
            description: "Which value of the tag means which state.",
          }),
        },
        { ...closed, description: "How the equipment's state is read." },
      ),
    ),
    records: named(
      Type.Object(
        {
          address: addresses,
          fields: Type.Record(nameKey, fieldFile, {
            ...closed,
            description: "Fields of a record, by name; each is a tag `<record>/<field>`.",
          }),
        },
        closed,
      ),
      "Numbered buffers of records that the machine keeps, such as its last shots, by name.",
    ),
    cycle: Type.Optional(
      Type.Object(
        {
          records: Type.String({ description: "The buffer whose records are cycles." }),
          "duration-field": Type.Optional(
            Type.String({ description: "Field with the length of a cycle in seconds." }),
          ),
          "tool-field": Type.Optional(Type.String({ description: "Field with the tool's name." })),
          verdicts: Type.Array(
            Type.Object(
              {
                field: Type.String({ description: "Field that is looked at." }),
                is: Type.Array(Type.Union([Type.Number(), Type.String()]), {
                  minItems: 1,
                  description: "Values that the rule is for.",
                }),
                verdict: Type.Enum(["good", "bad", "rework", "trial"], {
                  description: "What the cycle then was.",
                }),
              },
              closed,
            ),
            {
              default: [],
              description: "Rules in order; the first that matches gives the verdict.",
            },
          ),
        },
        { ...closed, description: "How records become cycles." },
      ),
    ),
  },
  {
    ...closed,
    title: "Equipment type",
    description: "A machine type as data: `equipment/<maker>/<model>.yaml`.",
  },
)
export type EquipmentTypeFile = Static<typeof equipmentTypeFile>
