import { execFile, spawnSync } from "node:child_process"

/** Whether the foreign Modbus master is there (Debian package mbpoll), else why a test is left out. */
export const withoutMbpoll =
  spawnSync("mbpoll", ["-V"]).error === undefined ? false : "no mbpoll here: apt install mbpoll"

export interface Question {
  /** `4` or `4:float` as `mbpoll -t` has it: 0 coil, 1 discrete input, 3 input register, 4 holding register. */
  readonly type: string
  /** Protocol address, counted from 0. */
  readonly address: number
  readonly count?: number
  readonly unit?: number
  /** First word first, where two make one value. */
  readonly isBigEndian?: boolean
}

/** What the foreign master reads, as it prints it. Throws what it says where it cannot. */
export async function mbpoll(endpoint: string, question: Question): Promise<string[]> {
  const { protocol, hostname, port, pathname } = new URL(endpoint)
  const { type, address, count = 1, unit = 1, isBigEndian = false } = question
  const isSerial = protocol === "modbus+rtu:"
  const line = isSerial ? ["-m", "rtu", "-b", "9600", "-P", "none"] : ["-m", "tcp", "-p", port]
  const asked = ["-t", type, "-r", `${address + 1}`, "-c", `${count}`, "-a", `${unit}`]
  const order = isBigEndian ? ["-B"] : []
  const args = [...line, ...asked, ...order, "-1", "-q", isSerial ? pathname : hostname]
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  execFile("mbpoll", args, { timeout: 10_000 }, (error, stdout, stderr) =>
    error ? reject(new Error(stderr || error.message)) : resolve(stdout),
  )
  return [...(await promise).matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, value = ""]) => value)
}
