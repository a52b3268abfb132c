import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, symlink } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { ended, python } from "../../testing/peers.ts"

/** Two serial ports of this computer joined by a cable that can be cut. */
export interface SerialCable extends AsyncDisposable {
  readonly ends: readonly [client: string, machine: string]
  /** Nothing passes any more until `mend`. */
  cut(): void
  mend(): void
  /** The client's next question and its repetition, eight bytes each, are not passed on but answered with noise. */
  babble(): void
}

/** A name for a serial port that may come and go, as with an adapter that is plugged in. */
export interface Socket extends AsyncDisposable {
  readonly path: string
  plug(end: string): Promise<void>
}

/** Options name ports under /dev only. */
export async function makeSocket(): Promise<Socket> {
  const folder = await mkdtemp("/dev/shm/moru-serial-")
  const path = join(folder, "tty")
  return {
    path,
    plug: async (end) => {
      await rm(path, { force: true })
      await symlink(end, path)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** Two pseudo terminals; Node itself can make none. Undefined where there is no Python 3. */
export async function startSerialCable(): Promise<SerialCable | undefined> {
  const child = spawn(python, ["-c", program], { stdio: ["pipe", "pipe", "inherit"] })
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "error").then(() => []),
  ])
  const [client, machine] = String(line ?? "").split(" ")
  if (!client || !machine) return undefined
  const say = (word: string) => child.stdin.write(word)
  return {
    ends: [client, machine],
    cut: () => say("c"),
    mend: () => say("m"),
    babble: () => say("b"),
    [Symbol.asyncDispose]: () => ended(child),
  }
}

const program = `
import os, pty, select, sys, tty
pairs = [pty.openpty() for _ in range(2)]
for _, slave in pairs: tty.setraw(slave)
print(*[os.ttyname(slave) for _, slave in pairs], flush=True)
client, machine = [master for master, _ in pairs]
state = "m"
swallowed = 0
while True:
    ready, _, _ = select.select([client, machine, 0], [], [])
    if 0 in ready:
        word = os.read(0, 1)
        if not word: break
        state = word.decode()
        swallowed = 0
    for one, other in ((client, machine), (machine, client)):
        if one not in ready: continue
        data = os.read(one, 4096)
        if state == "m": os.write(other, data)
        elif state == "b" and one == client:
            os.write(client, bytes([255, 1, 3, 4, 0, 7]) + os.urandom(40))
            swallowed += len(data)
            if swallowed >= 16: state = "m"
`
