import { createServer } from "node:net"
import { join } from "node:path"
import {
  MessageSecurityMode,
  type Namespace,
  nodesets,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
} from "node-opcua"
import { Problem } from "../../../model/problem.ts"
import type { opcUaModes } from "../../options.ts"

export interface ServerSetup {
  /** Application URI, which is the URI of the machine's namespace too. */
  readonly uri: string
  readonly name: string
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number
  /** The certificate and key are made in it. */
  readonly folder: string
  readonly security: readonly (typeof opcUaModes)[number][]
  readonly users: Readonly<Record<string, string>>
}

/** A recording has a client for each of its moulds. */
const mostClients = 1000

const modes = {
  none: MessageSecurityMode.None,
  sign: MessageSecurityMode.Sign,
  "sign-and-encrypt": MessageSecurityMode.SignAndEncrypt,
} as const

/** The OPC UA server of a simulated machine. */
export class MachineServer {
  readonly #server: OPCUAServer
  readonly endpoint: string

  private constructor(server: OPCUAServer, endpoint: string) {
    this.#server = server
    this.endpoint = endpoint
  }

  /** Resolves once clients can connect and see what `populate` has added. Throws `port-taken`. */
  static async open(
    setup: ServerSetup,
    populate: (namespace: Namespace) => void,
  ): Promise<MachineServer> {
    const port = setup.port || (await freePort())
    const server = new OPCUAServer({
      ...(await optionsOf(setup)),
      host: "127.0.0.1",
      hostname: "127.0.0.1",
      port,
      nodesets: [nodesets.standard],
      serverInfo: {
        applicationUri: setup.uri,
        productUri: setup.uri,
        applicationName: { text: setup.name },
      },
      buildInfo: { productName: "Moru simulated machine", manufacturerName: "moru" },
      serverCapabilities: { maxSessions: mostClients, maxSubscriptions: mostClients },
      maxConnectionsPerEndpoint: mostClients,
    })
    await server.initialize()
    const { addressSpace } = server.engine
    if (!addressSpace) throw new Error("the server has no address space")
    populate(addressSpace.getOwnNamespace())
    try {
      await server.start()
    } catch (thrown) {
      if (!/EADDRINUSE/.test(String(thrown))) throw thrown
      await server.shutdown(0).catch(() => {})
      throw new Problem("port-taken", `machine ${setup.name}`, `port ${port} is in use`)
    }
    return new MachineServer(server, `opc.tcp://127.0.0.1:${port}`)
  }

  /** Drops every connection and lets nobody in, as if the cable were out. Sessions live on, as in a real machine. */
  async suspend(): Promise<void> {
    for (const endpoint of this.#server.endpoints) {
      const suspended = new Promise<void>((done) => endpoint.suspendConnection(() => done()))
      endpoint.abruptlyInterruptChannels()
      await suspended
    }
  }

  async restore(): Promise<void> {
    for (const endpoint of this.#server.endpoints)
      await new Promise<void>((done) => endpoint.restoreConnection(() => done()))
  }

  async stop(): Promise<void> {
    await this.#server.shutdown(0).catch(() => {})
  }
}

async function optionsOf({ folder, security, users }: ServerSetup) {
  const needsUser = Object.keys(users).length > 0
  // A simulated machine lets any client certificate in: what is tried out is how Moru trusts the machine's.
  const serverCertificateManager = new OPCUACertificateManager({
    rootFolder: join(folder, "certificates"),
    automaticallyAcceptUnknownCertificate: true,
  })
  await serverCertificateManager.initialize()
  const userCertificateManager = new OPCUACertificateManager({ rootFolder: join(folder, "users") })
  await userCertificateManager.initialize()
  return {
    serverCertificateManager,
    userCertificateManager,
    securityModes: security.map((mode) => modes[mode]),
    securityPolicies: security.map((mode) =>
      mode === "none" ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256,
    ),
    allowAnonymous: !needsUser,
    userManager: {
      isValidUser: (name: string, password: string) =>
        Object.hasOwn(users, name) && users[name] === password,
    },
  }
}

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer()
  probe.once("error", reject)
  probe.listen(0, "127.0.0.1", () => {
    const address = probe.address()
    probe.close(() => resolve(typeof address === "object" && address ? address.port : 0))
  })
  return promise
}
