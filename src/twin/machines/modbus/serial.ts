import { rm, symlink } from "node:fs/promises"
import type { Line } from "../line-cut.ts"
import { rtuFraming } from "./rtu.ts"
import type { Answers } from "./tcp.ts"

interface Terminal {
  readonly ptsName: string
  readonly master: NodeJS.ReadWriteStream & { destroy(): void }
  readonly slave: { setRawMode(isRaw: boolean): void; destroy(): void }
}

/** Modbus RTU at one end of a pseudo terminal; at the other is a serial port that any program may open. */
export class SerialSlave implements Line {
  readonly path: string
  readonly #master: Terminal["master"]
  #isCut = false

  private constructor(path: string, master: Terminal["master"]) {
    this.path = path
    this.#master = master
  }

  /** `path` becomes a link to the port, whatever its number is today. Undefined on a computer without pseudo terminals. */
  static async open(path: string, answers: Answers): Promise<SerialSlave | undefined> {
    const terminal = await openTerminal()
    if (!terminal) return undefined
    // Its file stays open, so that the port outlives its clients; a reader here would take their answers away.
    terminal.slave.setRawMode(true)
    terminal.slave.destroy()
    await rm(path, { force: true })
    await symlink(terminal.ptsName, path)
    const slave = new SerialSlave(path, terminal.master)
    slave.#serve(answers)
    return slave
  }

  async suspend(): Promise<void> {
    this.#isCut = true
  }

  async restore(): Promise<void> {
    this.#isCut = false
  }

  async close(): Promise<void> {
    this.#master.destroy()
    await rm(this.path, { force: true })
  }

  #serve(answers: Answers): void {
    let rest: Uint8Array = new Uint8Array()
    this.#master.on("error", () => {})
    this.#master.on("data", (bytes: Buffer) => {
      if (this.#isCut) return
      const send = (answer: Uint8Array) => this.#master.write(answer)
      rest = rtuFraming(Buffer.concat([rest, bytes]), answers, send)
    })
  }
}

async function openTerminal(): Promise<Terminal | undefined> {
  try {
    const pty = (await import("@lydell/node-pty")).default
    // Left out of its types: the pair without a program in it.
    const { open } = pty as unknown as { open(options: { encoding: null }): Terminal }
    return open({ encoding: null })
  } catch {
    return undefined
  }
}
