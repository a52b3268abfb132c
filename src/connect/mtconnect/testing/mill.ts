import type { MtDevice } from "../../../codec/mtconnect.ts"

/** A milling machine as its agent describes it. */
export const mill: MtDevice = {
  type: "Device",
  id: "d1",
  name: "mill-1",
  uuid: "mill-uuid-1",
  manufacturer: "Test",
  dataItems: [{ id: "avail", category: "EVENT", type: "AVAILABILITY" }],
  components: [
    {
      type: "Axes",
      id: "axes",
      name: "base",
      dataItems: [],
      components: [
        {
          type: "Linear",
          id: "x",
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
          ],
          components: [],
        },
        {
          type: "Rotary",
          id: "c",
          name: "C",
          dataItems: [
            {
              id: "speed",
              name: "Srpm",
              category: "SAMPLE",
              type: "ROTARY_VELOCITY",
              subType: "ACTUAL",
              units: "REVOLUTION/MINUTE",
            },
            {
              id: "vib",
              category: "SAMPLE",
              type: "DISPLACEMENT",
              units: "MILLIMETER",
              representation: "TIME_SERIES",
            },
          ],
          components: [],
        },
      ],
    },
    {
      type: "Controller",
      id: "cont",
      name: "controller",
      dataItems: [
        { id: "system", category: "CONDITION", type: "SYSTEM" },
        { id: "power", category: "EVENT", type: "POWER_STATE" },
      ],
      components: [
        {
          type: "Path",
          id: "path",
          name: "path",
          dataItems: [
            { id: "program", name: "program", category: "EVENT", type: "PROGRAM" },
            { id: "parts", name: "parts", category: "EVENT", type: "PART_COUNT", subType: "ALL" },
            {
              id: "at3",
              category: "SAMPLE",
              type: "PATH_POSITION",
              subType: "ACTUAL",
              units: "MILLIMETER_3D",
            },
          ],
          components: [],
        },
      ],
    },
  ],
}
