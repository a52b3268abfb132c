import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"
import { whole } from "../option-kinds.ts"

export const slmpOptions = Type.Object(
  {
    host: Type.String({
      pattern: "^[^\\s/:]+$|^[0-9a-fA-F:.]+$",
      description: "Name or address of the PLC or its Ethernet module.",
      expected: "a name or address such as 192.168.3.39",
    }),
    port: whole(
      [1, 65_535],
      5007,
      "TCP port of the SLMP or MC protocol connection, as set in the PLC's parameters.",
    ),
    frame: Type.Union([Type.Literal("3E"), Type.Literal("4E")], {
      default: "3E",
      description:
        "`4E` numbers its messages; the PLC must be able to (iQ-R, iQ-L, Q and L with newer modules).",
      expected: "3E, 4E",
    }),
    network: whole([0, 239], 0, "Network number of the PLC; 0 for the one that is connected."),
    pc: whole([0, 255], 255, "Station number on that network; 255 for the PLC that is connected."),
    io: whole(
      [0, 65_535],
      0x3ff,
      "Module I/O number of the CPU; 1023 (3FF hexadecimal) for the own one.",
    ),
    station: whole([0, 31], 0, "Station of a multidrop connection; 0 without one."),
    period: durationText({
      description: "Time from one reading to the next (plant time).",
      default: "1s",
    }),
    timeout: durationText({ description: "How long the PLC may take to answer.", default: "3s" }),
    "max-words": whole([1, 960], 960, "Most words in one request."),
    "max-gap": whole(
      [0, 200],
      32,
      "Words that nobody asked for and that are read along to join two points into one request.",
    ),
  },
  { additionalProperties: false },
)

export type SlmpOptions = Static<typeof slmpOptions>
