import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"
import { hostOptions, oneOf, whole } from "../option-kinds.ts"

export const modbusOptions = Type.Object(
  {
    transport: oneOf(
      ["tcp", "rtu", "rtu-over-tcp"],
      "tcp",
      "`tcp` for Ethernet, `rtu` for a serial line at this computer, `rtu-over-tcp` for a serial server that passes bytes through.",
    ),
    host: Type.Optional(
      Type.String({
        pattern: "^([^\\s/:]+|(?=.*:.*:)[0-9a-fA-F:.]+)$",
        description: "Name or address of the device or gateway; for tcp and rtu-over-tcp.",
        expected: "a name or address such as 192.168.0.20",
      }),
    ),
    port: whole([1, 65_535], 502, "TCP port; serial servers often have another."),
    serial: Type.Optional(
      Type.String({
        pattern: "^(/dev/[^\\s]+|COM\\d+)$",
        description: "Serial port of this computer; for rtu.",
        expected: "a serial port such as /dev/ttyUSB0 or COM3",
      }),
    ),
    baud: whole([300, 1_000_000], 9600, "Bits a second on the serial line."),
    parity: oneOf(["none", "even", "odd"], "none", "Parity on the serial line."),
    "data-bits": whole([7, 8], 8, "Data bits of a character on the serial line."),
    "stop-bits": whole([1, 2], 1, "Stop bits of a character on the serial line."),
    unit: whole([0, 255], 1, "Unit (slave) number of points whose address names none."),
    period: durationText({
      description: "Time from one reading to the next (plant time).",
      default: "1s",
    }),
    timeout: durationText({
      description: "How long a device may take to answer one request.",
      default: "1s",
    }),
    retries: whole([0, 10], 1, "How often a reading that was not answered is asked again."),
    "max-registers": whole(
      [1, 125],
      120,
      "Most registers in one request; some devices take fewer. Of coils and discrete inputs sixteen times as many.",
    ),
    "max-gap": whole(
      [0, 100],
      8,
      "Registers that nobody asked for and that are read along to join two points into one request.",
    ),
    "retry-refused": durationText({
      description: "When a point that the device refused is asked for again (plant time).",
      default: "10min",
    }),
    "write-with": oneOf(
      ["single", "multiple"],
      "single",
      "`multiple` for devices that know only functions 15 and 16, even for one coil or register.",
    ),
    scan: Type.Array(
      Type.String({
        pattern: "^(\\d+/)?(coil|discrete|input|holding)/\\d+-\\d+$",
        description: "A range of a table, `[unit/]table/first-last`.",
      }),
      {
        default: [],
        maxItems: 20,
        description:
          "Ranges that browsing reads through, as Modbus keeps no list of its points; at most 10000 addresses.",
        expected: "ranges such as holding/0-199 or 3/input/0-49",
      },
    ),
  },
  { additionalProperties: false },
)

export type ModbusOptions = Static<typeof modbusOptions>

/** Where the options lead, for a person. */
export function placeOf({ transport, host, port, serial }: ModbusOptions): string {
  return transport === "rtu" ? `${serial}` : `${host}:${port}`
}

/** Options for an address such as `modbus+tcp://192.168.0.20:502?unit=3` or `modbus+rtu:///dev/ttyUSB0?baud=19200`. */
export function optionsOf(address: URL): Readonly<Record<string, unknown>> {
  const { protocol, pathname, searchParams } = address
  const transport = protocol.slice("modbus+".length, -1)
  const query = Object.fromEntries(searchParams)
  const rest = { ...(query.scan !== undefined && { scan: query.scan.split(",") }), transport }
  if (transport === "rtu")
    return { ...query, ...rest, serial: pathname.replace(/^\/(?=COM\d)/, "") }
  return { ...hostOptions(address), ...rest }
}
