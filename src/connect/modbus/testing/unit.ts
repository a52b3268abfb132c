import { ServerSerial, ServerTCP } from "modbus-serial"
import type { Value } from "../../../model/tag.ts"

/** Where the simulated units keep what the conformance suite asks for. */
export const addresses = {
  number: "holding/0:float32",
  other: "input/10:int16*0.1",
  flag: "coil/3",
  text: "holding/20:string(16)",
  gone: "holding/500",
  writable: "holding/100:float32",
}

/** The registers of a device, for the server of a foreign library. */
export class Registers {
  readonly holding = new Map<number, number>()
  readonly input = new Map<number, number>()
  readonly coils = new Map<number, boolean>()
  /** Units that give no answer, as if they were switched off. */
  readonly silent = new Set<number>()
  /** How many readings were asked for. */
  readings = 0
  last: Value | undefined

  constructor() {
    this.set({ number: 0, other: 0, flag: false, text: "" })
    this.put(this.holding, 100, Buffer.alloc(4))
  }

  set({ number, other, flag, text }: Partial<Record<"number" | "other" | "flag" | "text", Value>>) {
    const bytes = Buffer.alloc(16)
    if (number !== undefined) {
      bytes.writeFloatBE(Number(number))
      this.put(this.holding, 0, bytes.subarray(0, 4))
    }
    if (other !== undefined) {
      bytes.writeInt16BE(Math.round(Number(other) * 10))
      this.put(this.input, 10, bytes.subarray(0, 2))
    }
    if (flag !== undefined) this.coils.set(3, Boolean(flag))
    if (text !== undefined) {
      bytes.fill(0).write(String(text))
      this.put(this.holding, 20, bytes)
    }
  }

  put(table: Map<number, number>, start: number, bytes: Buffer): void {
    for (let i = 0; i < bytes.length; i += 2) table.set(start + i / 2, bytes.readUInt16BE(i))
  }

  /** What a server of modbus-serial asks. */
  get vector() {
    return {
      getHoldingRegister: (at: number, unit: number) => this.#get(this.holding, at, unit),
      getInputRegister: (at: number, unit: number) => this.#get(this.input, at, unit),
      getCoil: (at: number, unit: number) => this.#get(this.coils, at, unit),
      setRegister: (at: number, value: number) => {
        if (!this.holding.has(at)) throw illegalAddress
        this.holding.set(at, value)
        const bytes = Buffer.alloc(4)
        bytes.writeUInt16BE(this.holding.get(100) ?? 0, 0)
        bytes.writeUInt16BE(this.holding.get(101) ?? 0, 2)
        this.last = bytes.readFloatBE()
      },
      setCoil: (at: number, value: boolean) => {
        this.coils.set(at, value)
      },
    }
  }

  #get<T>(table: Map<number, T>, at: number, unit: number): T | Promise<T> {
    this.readings++
    if (this.silent.has(unit)) return new Promise(() => {})
    const value = table.get(at)
    if (value === undefined) throw illegalAddress
    return value
  }
}

const illegalAddress = Object.assign(new Error("illegal data address"), { modbusErrorCode: 2 })

export async function serveTcp(registers: Registers, port: number): Promise<() => Promise<void>> {
  const server = new ServerTCP(registers.vector, { host: "127.0.0.1", port, unitID: 255 })
  server.on("socketError", () => {})
  await new Promise((resolve) => server.on("initialized", () => resolve(undefined)))
  return () => new Promise((resolve) => server.close(() => resolve()))
}

export async function serveSerial(
  registers: Registers,
  path: string,
): Promise<() => Promise<void>> {
  const options = { path, port: path, baudRate: 9600, unitID: 1 }
  const server = new ServerSerial(registers.vector, options)
  server.on("error", () => {})
  await new Promise((resolve) => server.on("initialized", () => resolve(undefined)))
  return () => new Promise((resolve) => server.close(() => resolve()))
}
