import {
  AttributeIds,
  type ClientSession,
  DataType,
  MessageSecurityMode,
  NumericRange,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  UserTokenType,
} from "node-opcua"

export interface LoginOptions {
  readonly uri: string
  /** Folder for the client's own certificate. */
  readonly certificates: string
  /** Signed and encrypted. */
  readonly isSecured?: boolean
  readonly user?: { readonly name: string; readonly password: string }
}

/** An ordinary OPC UA client that looks at a machine. */
export class Client {
  readonly #client: OPCUAClient
  readonly #session: ClientSession
  readonly #namespace: number

  private constructor(client: OPCUAClient, session: ClientSession, namespace: number) {
    this.#client = client
    this.#session = session
    this.#namespace = namespace
  }

  static async connect(endpoint: string, options: LoginOptions): Promise<Client> {
    const { certificates, isSecured, user } = options
    const client = OPCUAClient.create({
      endpointMustExist: false,
      connectionStrategy: { maxRetry: 0 },
      clientCertificateManager: new OPCUACertificateManager({
        rootFolder: certificates,
        automaticallyAcceptUnknownCertificate: true,
      }),
      ...(isSecured && {
        securityMode: MessageSecurityMode.SignAndEncrypt,
        securityPolicy: SecurityPolicy.Basic256Sha256,
      }),
    })
    await client.connect(endpoint)
    try {
      const session = await client.createSession(
        user && { type: UserTokenType.UserName, userName: user.name, password: user.password },
      )
      const namespace = (await session.readNamespaceArray()).indexOf(options.uri)
      return new Client(client, session, namespace)
    } catch (thrown) {
      await client.disconnect()
      throw thrown
    }
  }

  /** The value, or the name of the bad status. */
  async read(address: string, range?: string): Promise<unknown> {
    const answer = await this.#session.read(
      {
        nodeId: `ns=${this.#namespace};s=${address}`,
        attributeId: AttributeIds.Value,
        ...(range && { indexRange: new NumericRange(range) }),
      },
      0,
    )
    if (!answer.statusCode.isGood()) return answer.statusCode.name
    const { value } = answer.value
    if (answer.value.dataType === DataType.Variant)
      return Array.from(value as { value: unknown }[], (v) => v.value)
    return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value
  }

  async sourceTime(address: string): Promise<number | undefined> {
    const nodeId = `ns=${this.#namespace};s=${address}`
    return (await this.#session.read({ nodeId }, 0)).sourceTimestamp?.getTime()
  }

  /** The name of the status. */
  async write(address: string, value: number | boolean | string): Promise<string> {
    const dataTypes = {
      number: DataType.Double,
      boolean: DataType.Boolean,
      string: DataType.String,
    }
    const dataType = dataTypes[typeof value as keyof typeof dataTypes]
    const status = await this.#session.write({
      nodeId: `ns=${this.#namespace};s=${address}`,
      attributeId: AttributeIds.Value,
      value: { value: { dataType, value } },
    })
    return status.name
  }

  async close(): Promise<void> {
    await this.#session.close().catch(() => {})
    await this.#client.disconnect().catch(() => {})
  }
}
