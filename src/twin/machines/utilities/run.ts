import { Problem } from "../../../model/problem.ts"
import type { Machine, MachineContext } from "../../machine.ts"
import type { UtilitiesOptions } from "../../machine-options.ts"
import { CounterMemory } from "../memory.ts"
import { ModbusServer } from "../modbus/tcp.ts"
import { ModbusUnit } from "../modbus/unit.ts"
import { runOnLine } from "../on-line.ts"
import { ownSeed } from "../pace.ts"
import { compressorPlaces, meterPlaces } from "./registers.ts"
import { Utilities, type UtilitiesMemory } from "./utilities.ts"

/** What a power cut may cost of the counters. */
const keepEveryMs = 60_000

export async function startUtilities(
  options: UtilitiesOptions,
  context: MachineContext,
): Promise<Machine> {
  const { clock, name } = context
  checkUnits(options, `machine ${name}`)
  const store = new CounterMemory<UtilitiesMemory>(context)
  const memory = await store.read()
  const model = new Utilities({
    ...{ seed: ownSeed(context), at: clock.now(), meters: options.meters },
    startHour: options["first-shift-utc"],
    ...(memory && { memory }),
  })
  const compressor = new ModbusUnit(compressorPlaces)
  const meters = new Map(options.meters.map(({ unit }) => [unit, new ModbusUnit(meterPlaces)]))
  const show = () => {
    compressor.show(model.compressor.values())
    for (const [unit, values] of model.meters()) meters.get(unit)?.show(values)
  }
  show()
  const server = await ModbusServer.open(
    { port: options.port, where: `machine ${name}` },
    (unit, pdu) => (unit === options.unit ? compressor : meters.get(unit))?.answer(pdu),
  )
  let keptAt = model.at
  return runOnLine(
    {
      endpoint: `modbus+tcp://127.0.0.1:${server.port}?unit=${options.unit}`,
      line: server,
      order: (order) => model.order(order),
      tick: async () => {
        model.step(clock.now() - model.at)
        if (model.at - keptAt >= keepEveryMs) {
          keptAt = model.at
          await store.keep(model.memory())
        }
        show()
      },
      close: async () => {
        await store.keep(model.memory()).catch(() => {})
        server.close()
      },
    },
    context,
  )
}

function checkUnits({ unit, meters }: UtilitiesOptions, where: string): void {
  const units = [unit, ...meters.map((meter) => meter.unit)]
  const twice = units.find((each, i) => units.indexOf(each) !== i)
  if (twice === undefined) return
  const what = `option /meters: got unit ${twice} twice, expected each unit once`
  throw new Problem("option-invalid", where, what)
}
