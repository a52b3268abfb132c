import type { Machine, MachineContext } from "../../machine.ts"
import type { LeakTesterOptions } from "../../machine-options.ts"
import { openFlow } from "../flow/flow.ts"
import { inletOf } from "../made-up.ts"
import { CounterMemory } from "../memory.ts"
import { ModbusServer } from "../modbus/tcp.ts"
import { ModbusUnit } from "../modbus/unit.ts"
import { runOnLine } from "../on-line.ts"
import { ownSeed } from "../pace.ts"
import { LeakTester, type LeakTesterMemory } from "./leak-tester.ts"
import { places } from "./registers.ts"

export async function startLeakTester(
  options: LeakTesterOptions,
  context: MachineContext,
): Promise<Machine> {
  const { clock, name, tell } = context
  const store = new CounterMemory<LeakTesterMemory>(context)
  const memory = await store.read()
  const setup = { seed: ownSeed(context), name, at: clock.now() }
  const model = new LeakTester({ ...setup, ...(memory && { memory }) })
  const unit = new ModbusUnit(places)
  const show = () => unit.show(model.values())
  show()
  const place = { port: options.port, where: `machine ${name}` }
  const server = await ModbusServer.open(place, (number, pdu) =>
    number === options.unit ? unit.answer(pdu) : undefined,
  )
  const flow = await openFlow(options, context)
  model.inlet = inletOf(flow, context)
  model.outlet = flow.outlet
  return runOnLine(
    {
      endpoint: `modbus+tcp://127.0.0.1:${server.port}?unit=${options.unit}`,
      line: server,
      order: (order) => model.order(order),
      // Kept first, shown then.
      tick: async () => {
        model.step(clock.now() - model.at)
        const finished = model.finished.splice(0)
        for (const { at, ...test } of finished) tell("test", test, at)
        if (finished.length > 0) await flow.settled()
        await store.keep(model.memory())
        show()
      },
      close: async () => {
        await flow.close()
        server.close()
      },
    },
    context,
  )
}
