import type { MtConnectDocument } from "../mtconnect.ts"

const at = 1_795_507_200_120
export const header = {
  creationTime: at,
  sender: "mill",
  instanceId: "18446744073709551614",
  version: "1.8",
  bufferSize: 128,
  assetBufferSize: 16,
  assetCount: 1,
}
const { assetBufferSize: _, assetCount: __, ...streamsHeader } = header
const place = { firstSequence: 1, lastSequence: 3, nextSequence: 4 }

export const documents: readonly MtConnectDocument[] = [
  {
    kind: "devices",
    header,
    devices: [
      {
        type: "Device",
        id: "d1",
        name: "mill-1",
        uuid: "u-1",
        manufacturer: "Acme & Co",
        description: "a <mill>",
        dataItems: [{ id: "avail", category: "EVENT", type: "AVAILABILITY" }],
        components: [
          {
            type: "Axes",
            id: "a1",
            name: "base",
            dataItems: [],
            components: [
              {
                type: "Linear",
                id: "x1",
                name: "X",
                dataItems: [
                  {
                    id: "xpos",
                    name: "Xact",
                    category: "SAMPLE",
                    type: "POSITION",
                    subType: "ACTUAL",
                    units: "MILLIMETER",
                    minimum: -10,
                    maximum: 500,
                  },
                  { id: "xc", category: "CONDITION", type: "TEMPERATURE" },
                ],
                components: [],
              },
            ],
          },
        ],
      },
    ],
  },
  {
    kind: "streams",
    header: { ...streamsHeader, ...place },
    streams: [
      {
        name: "mill-1",
        uuid: "u-1",
        components: [
          {
            component: "Linear",
            componentId: "x1",
            name: "X",
            observations: [
              {
                category: "SAMPLE",
                dataItemId: "xpos",
                name: "Xact",
                type: "Position",
                subType: "ACTUAL",
                sequence: 2,
                at,
                value: "12.5",
              },
              {
                category: "CONDITION",
                dataItemId: "xc",
                type: "TEMPERATURE",
                sequence: 3,
                at,
                value: "too \"hot\" & 'loud'",
                condition: { level: "fault", nativeCode: "E7", qualifier: "HIGH" },
              },
            ],
          },
        ],
      },
    ],
  },
  {
    kind: "assets",
    header: { ...header, bufferSize: 0 },
    assets: [
      {
        type: "CuttingTool",
        assetId: "T12",
        at,
        deviceUuid: "u-1",
        tool: {
          serialNumber: "1",
          toolId: "EM10",
          status: ["USED", "AVAILABLE"],
          programToolNumber: "12",
          life: [{ type: "MINUTES", countDirection: "UP", value: 41.5, limit: 120, initial: 0 }],
        },
      },
    ],
  },
  {
    kind: "error",
    header: streamsHeader,
    errors: [{ code: "OUT_OF_RANGE", text: "'from' must be greater than 100" }],
  },
]
