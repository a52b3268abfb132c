// Machines that show so many values, each changing once a second or as often as is asked: OPC UA servers and Modbus devices in a process of their own.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ServerTCP } from "modbus-serial"
import { startServer } from "../../src/connect/opcua/testing/server.ts"
import { freePort } from "../../test/support/free-port.ts"

const [opcua = 5, modbus = 5, tags = 1000, periodMs = 1000] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), "moru-bench-"))
const servers: { set(beat: number): void }[] = []
const ports: { opcua: number[]; modbus: number[] } = { opcua: [], modbus: [] }

for (let i = 0; i < opcua; i++) {
  const server = await startServer({ folder: join(folder, `s${i}`) })
  const set = (beat: number) => {
    const at = Date.now()
    for (let t = 0; t < tags; t++) server.set(`T${t}`, beat + t / 1000, { at })
  }
  set(0)
  servers.push({ set })
  ports.opcua.push(server.port)
}
for (let i = 0; i < modbus; i++) {
  const port = await freePort()
  let beat = 0
  new ServerTCP(
    { getHoldingRegister: (address: number) => (address + beat) % 65_536 },
    { host: "127.0.0.1", port, unitID: 1 },
  )
  const set = (next: number) => {
    beat = next
  }
  servers.push({ set })
  ports.modbus.push(port)
}
let beat = 0
const beating = setInterval(() => {
  beat++
  for (const server of servers) server.set(beat)
}, periodMs)
/** Stands still from now on, and says with which beat. */
process.on("message", () => {
  clearInterval(beating)
  process.send?.(beat)
})
process.on("disconnect", () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit()
})
process.send?.(ports)
