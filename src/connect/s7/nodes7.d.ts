/** The package has no types; what the tests use of it. */
declare module "nodes7" {
  // biome-ignore lint/style/noDefaultExport: the package has no other
  export default class NodeS7 {
    constructor(options: { silent: boolean })
    initiateConnection(
      place: { host: string; port: number; rack: number; slot: number; timeout: number },
      done: (error?: unknown) => void,
    ): void
    addItems(addresses: readonly string[]): void
    readAllItems(done: (anyBad: boolean, values: Readonly<Record<string, unknown>>) => void): void
    writeItems(address: string, value: unknown, done: (anyBad: boolean) => void): number
    dropConnection(done: () => void): void
  }
}
