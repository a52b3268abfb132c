import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Device, FoundPoint, Host, Trust } from "../../connect/connector.ts"
import { within } from "../../connect/waiting.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { SystemNetwork } from "../../kernel/network/system.ts"
import { seededRandom } from "../../kernel/random.ts"
import type { NetworkConfig } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import { openStore } from "../../store/sqlite/store.ts"
import type { AddressedMachine } from "./address.ts"

export interface Looked {
  readonly points: readonly FoundPoint[]
  /** True where the machine has more than the limit. */
  readonly more: boolean
}

export interface Look {
  readonly limit: number
  /** Fingerprint of the certificate that the person has compared. */
  readonly trust?: string
  readonly network: NetworkConfig
  /** Called now and then with how many points were found so far. */
  progress(found: number): void
}

const connectMs = 30_000
const progressMs = 2000

/**
 * Connects to a machine for one look at all that it has, in a folder that is gone afterwards. Throws what stood in the
 * way; `option-invalid` where machines of this kind cannot tell what they have.
 */
export async function lookAt(
  machine: AddressedMachine,
  look: Look,
  signal: AbortSignal,
): Promise<Looked> {
  const folder = await mkdtemp(join(tmpdir(), "moru-look-"))
  const clock = new SystemClock()
  const ground = { clock, files: nodeFiles, log: silentLog }
  const store = await openStore({ ...ground, folder: join(folder, "data"), node: "look" })
  const trust = new OneFingerprint(look.trust)
  const host: Host = {
    ...{ ...ground, name: "machine", registry: store.registry, trust, random: seededRandom(1) },
    ...{ folder: join(folder, "device"), plantFolder: folder },
    network: new SystemNetwork(look.network),
  }
  const device = machine.connector.create(machine.options, host)
  try {
    await connect(device, machine, { clock, signal })
    return await collect(device, { ...look, clock, signal, machine })
  } catch (thrown) {
    throw trust.unknown ? untrusted(machine, trust.unknown) : thrown
  } finally {
    await device.close().catch(() => {})
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function connect(
  device: Device,
  { shown }: AddressedMachine,
  { clock, signal }: { clock: SystemClock; signal: AbortSignal },
): Promise<void> {
  const late = () => {
    const what = `got no connection within ${connectMs / 1000} s`
    return new Problem("connection-timeout", shown, what)
  }
  return within(connectMs, (either) => device.connect(either), { clock, signal, late })
}

async function collect(
  device: Device,
  of: Look & { clock: SystemClock; signal: AbortSignal; machine: AddressedMachine },
): Promise<Looked> {
  const { clock, signal, limit, progress, machine } = of
  if (!device.browse) {
    const what = `got a connector (${machine.connector.type}) whose machines cannot tell what they have, expected a table of their addresses: moru connect import`
    throw new Problem("option-invalid", machine.shown, what)
  }
  const points: FoundPoint[] = []
  let told = clock.monotonic()
  for await (const point of device.browse(signal)) {
    signal.throwIfAborted()
    if (points.length === limit) return { points, more: true }
    points.push(point)
    if (clock.monotonic() - told < progressMs) continue
    told = clock.monotonic()
    progress(points.length)
  }
  return { points, more: false }
}

interface Certificate {
  readonly fingerprint: string
  readonly subject: string
}

/** Trusts the one certificate that the person named. */
class OneFingerprint implements Trust {
  readonly #trusted: string | undefined
  unknown: Certificate | undefined

  constructor(trusted: string | undefined) {
    this.#trusted = trusted?.replace(/[\s:]/g, "").toLowerCase()
  }

  async isTrusted(certificate: Certificate): Promise<boolean> {
    if (certificate.fingerprint.toLowerCase() === this.#trusted) return true
    this.unknown = certificate
    return false
  }

  onDecided(): () => void {
    return () => {}
  }
}

function untrusted({ shown }: AddressedMachine, { fingerprint, subject }: Certificate): Problem {
  const what = `got a certificate of ${subject} that nobody has trusted yet. Compare its fingerprint with the one that the machine shows; if both are the same, repeat with --trust ${fingerprint}`
  return new Problem("certificate-untrusted", shown, what)
}
