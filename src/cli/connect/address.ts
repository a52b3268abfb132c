import type { Connector } from "../../connect/connector.ts"
import { parseOptions } from "../../connect/options.ts"
import { connectors } from "../../connect/registry.ts"
import { didYouMean } from "../../kernel/spelling.ts"
import { Problem } from "../../model/problem.ts"

/** How a person says which machine is meant. */
export interface MachineAddress {
  readonly url: string
  readonly user?: string
  /** Environment variable that holds the password. */
  readonly passwordEnv?: string
  /** Options of the connector, each `name=value`. */
  readonly option: readonly string[]
}

export interface AddressedMachine {
  readonly connector: Connector
  /** Checked, with defaults and the password: never shown. */
  readonly options: unknown
  /** As they shall be written into a file. */
  readonly written: Readonly<Record<string, unknown>>
  /** The address without what is secret in it. */
  readonly shown: string
}

/** Finds the connector that an address is for, and its options. Throws `option-invalid` or `config-missing-secret`. */
export async function machineAt(
  address: MachineAddress,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AddressedMachine> {
  const { user, passwordEnv } = address
  const url = URL.parse(address.url)
  const connector = await connectorOf(url, address.url)
  if (!url) throw wrongAddress(address.url, "an address")
  const isOpen = url.password !== ""
  if (user !== undefined) url.username = encodeURIComponent(user)
  if (passwordEnv !== undefined) url.password = encodeURIComponent(passwordIn(env, passwordEnv))
  const shown = new URL(url)
  shown.password = ""
  const secrets = new Set(secretsOf(connector))
  const given: Readonly<Record<string, unknown>> = {
    ...connector.optionsOf?.(url),
    ...optionsIn(address.option),
  }
  const reference = passwordEnv === undefined ? undefined : `\${env:${passwordEnv}}`
  const written = Object.entries(given).map(([name, value]) =>
    secrets.has(name) ? [name, reference ?? (isOpen ? refused(shown.href) : value)] : [name, value],
  )
  return {
    ...{ connector, options: parseOptions(connector, given, shown.href) },
    ...{ written: Object.fromEntries(written), shown: shown.href },
  }
}

/** Every scheme with the connector that it is for. */
async function connectorOf(url: URL | null, text: string): Promise<Connector> {
  const all = await Promise.all(Object.values(connectors).map((load) => load()))
  const scheme = url?.protocol.slice(0, -1) ?? /^[^:]*/.exec(text)?.[0] ?? ""
  const found = all.find(({ schemes }) => schemes?.includes(scheme))
  if (found && url) return found
  const known = all.flatMap(({ schemes = [] }) => schemes).sort()
  const near = didYouMean(scheme, known)
  throw wrongAddress(text, `an address that begins with one of ${known.join("://, ")}://${near}`)
}

function wrongAddress(text: string, expected: string): Problem {
  return new Problem("option-invalid", "address", `got "${text}", expected ${expected}`)
}

function passwordIn(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name]
  if (value) return value
  const what = `the environment variable ${name} is not set, expected the password in it`
  throw new Problem("config-missing-secret", "--password-env", what)
}

function optionsIn(texts: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value = ""] = /^([a-z-]+)=(.*)$/s.exec(text) ?? []
      if (name !== undefined) return [name, plainValue(value)]
      throw new Problem("option-invalid", "--option", `got "${text}", expected name=value`)
    }),
  )
}

/** Numbers and truths become what they are; the connector's schema says the rest. */
function plainValue(text: string): unknown {
  return /^(true|false|-?\d+(\.\d+)?)$/.test(text) ? JSON.parse(text) : text
}

function secretsOf({ options }: Connector): string[] {
  const { properties = {} } = options as { properties?: Record<string, { secret?: boolean }> }
  return Object.keys(properties).filter((name) => properties[name]?.secret)
}

function refused(address: string): never {
  const what =
    "got a password in the address, expected --user and --password-env, so that it stands in no file"
  throw new Problem("option-invalid", address, what)
}
