import { join } from "node:path"
import {
  AccessLevelFlag,
  type AddAnalogDataItemOptions,
  DataType,
  type Namespace,
  OPCUACertificateManager,
  OPCUAServer,
  type StatusCode,
  StatusCodes,
  type UAVariable,
  Variant,
  VariantArrayType,
} from "node-opcua"

export const uri = "urn:moru:test"

export const address = (name: string) => `nsu=${uri};s=${name}`

/** A record of the test machine's ring; `null` is an empty field. */
export interface TestRecord {
  readonly at: number | null
  readonly timeQuality?: 0 | 1
  readonly values: Readonly<Record<string, number | string | boolean | null>>
}

/** A real OPC UA server with live nodes and one ring, `Shots`, for tests of the connector. */
export interface TestServer extends AsyncDisposable {
  readonly endpoint: string
  readonly port: number
  /** Sets a live node, with its source time; makes the node at the first call. */
  set(name: string, value: unknown, state?: NodeState): void
  /** What stands in a node now, after a client's write. */
  get(name: string): unknown
  shoot(...records: readonly TestRecord[]): void
  /** A node in a folder, with unit, range and description, as a good server describes it. */
  describe(of: DescribedNode): void
  stop(): Promise<void>
}

export interface DescribedNode {
  readonly folder: string
  readonly name: string
  readonly value: number
  readonly description: string
  readonly unit?: NonNullable<AddAnalogDataItemOptions["engineeringUnits"]>
  readonly range: { readonly low: number; readonly high: number }
}

export interface NodeState {
  readonly at?: number
  readonly dataType?: DataType
  readonly status?: StatusCode
}

export interface TestServerOptions {
  /** For its key and certificate; the same folder, the same certificate. */
  readonly folder: string
  readonly port?: number
  readonly user?: { readonly name: string; readonly password: string }
  readonly ring?: {
    readonly capacity: number
    readonly epoch: string
    readonly fields: Readonly<Record<string, DataType>>
    /** Records shot before this server started, so that its numbers go on. */
    readonly before?: readonly TestRecord[]
  }
  /** Where its answers say that it is, beside where it listens. */
  readonly advertised?: string
  /** Changes the namespace's index, as servers do. */
  readonly namespacesBefore?: number
}

// biome-ignore lint/style/noRestrictedGlobals: the library takes times as Date
export const date = (ms: number) => new Date(ms)

export async function startServer(options: TestServerOptions): Promise<TestServer> {
  const certificates = new OPCUACertificateManager({
    rootFolder: join(options.folder, "server"),
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  })
  const { user } = options
  const server = new OPCUAServer({
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    host: "127.0.0.1",
    resourcePath: "",
    ...(options.advertised && { advertisedEndpoints: options.advertised }),
    serverCapabilities: { minSupportedSampleRate: 0 },
    serverCertificateManager: certificates,
    allowAnonymous: user === undefined,
    ...(user && {
      userManager: {
        isValidUser: (name: string, password: string) =>
          name === user.name && password === user.password,
      },
    }),
  })
  await server.initialize()
  const space = server.engine.addressSpace
  if (!space) throw new Error("the server has no address space")
  for (let i = 0; i < (options.namespacesBefore ?? 0); i++)
    space.registerNamespace(`urn:moru:other-${i}`)
  const nodes = new Nodes(space.registerNamespace(uri))
  const ring = options.ring && new TestRing(options.ring, nodes)
  ring?.shoot(options.ring?.before ?? [])
  await server.start()
  const port = server.endpoints[0]?.port ?? 0
  return {
    port,
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    set: (name, value, state) => nodes.set(name, value, state),
    get: (name) => nodes.get(name),
    shoot: (...records) => ring?.shoot(records),
    describe: (of) => nodes.describe(of),
    stop: () => server.shutdown(0),
    [Symbol.asyncDispose]: () => server.shutdown(0),
  }
}

class Nodes {
  readonly #namespace: Namespace
  readonly #nodes = new Map<string, UAVariable>()

  constructor(namespace: Namespace) {
    this.#namespace = namespace
  }

  get(name: string): unknown {
    return this.#nodes.get(name)?.readValue().value.value
  }

  set(name: string, value: unknown, state: NodeState = {}): void {
    const dataType = state.dataType ?? typeOf(value)
    const isArray = typeof value === "object" && value !== null && dataType !== DataType.UInt64
    const variant = new Variant({
      dataType: value === null ? DataType.Null : dataType,
      arrayType: isArray ? VariantArrayType.Array : VariantArrayType.Scalar,
      value,
    })
    const node = this.#nodes.get(name) ?? this.#add(name, { dataType, isArray })
    const status = state.status ?? StatusCodes.Good
    if (state.at === undefined) node.setValueFromSource(variant, status)
    else node.setValueFromSource(variant, status, date(state.at))
  }

  describe({ folder, name, value, description, unit, range }: DescribedNode): void {
    const { objects } = this.#namespace.addressSpace.rootFolder
    this.#namespace.addAnalogDataItem({
      componentOf: this.#namespace.addObject({ organizedBy: objects, browseName: folder }),
      ...{ nodeId: `s=${name}`, browseName: name, description, dataType: "Double" },
      ...{ engineeringUnitsRange: range, ...(unit && { engineeringUnits: unit }) },
      value: new Variant({ dataType: DataType.Double, value }),
    })
  }

  #add(name: string, of: { dataType: DataType; isArray: boolean }): UAVariable {
    const node = this.#namespace.addVariable({
      organizedBy: this.#namespace.addressSpace.rootFolder.objects,
      nodeId: `s=${name}`,
      browseName: name,
      dataType: DataType[of.dataType === DataType.Variant ? DataType.Null : of.dataType] ?? "",
      ...(of.dataType === DataType.Variant && { dataType: "BaseDataType" }),
      valueRank: of.isArray ? 1 : -1,
      minimumSamplingInterval: 0,
      accessLevel: AccessLevelFlag.CurrentRead | AccessLevelFlag.CurrentWrite,
      userAccessLevel: name.endsWith("ReadOnly")
        ? AccessLevelFlag.CurrentRead
        : AccessLevelFlag.CurrentRead | AccessLevelFlag.CurrentWrite,
    })
    this.#nodes.set(name, node)
    return node
  }
}

function typeOf(value: unknown): DataType {
  if (typeof value === "boolean") return DataType.Boolean
  return typeof value === "string" ? DataType.String : DataType.Double
}

/** Record n stands at (n - 1) % capacity of each array. */
class TestRing {
  readonly #options: NonNullable<TestServerOptions["ring"]>
  readonly #nodes: Nodes
  #newest = 0
  readonly #columns = new Map<string, unknown[]>()

  constructor(options: NonNullable<TestServerOptions["ring"]>, nodes: Nodes) {
    this.#options = options
    this.#nodes = nodes
    for (const name of ["Number", "Time", "TimeQuality", ...Object.keys(options.fields)])
      this.#columns.set(name, new Array(options.capacity).fill(null))
    this.#columns.get("Number")?.fill(0)
    this.#columns.get("TimeQuality")?.fill(0)
  }

  shoot(records: readonly TestRecord[]): void {
    for (const record of records) this.#place(record)
    this.#show()
  }

  #place(record: TestRecord): void {
    const number = ++this.#newest
    const slot = (number - 1) % this.#options.capacity
    const cell = (column: string, value: unknown) => {
      const values = this.#columns.get(column)
      if (values) values[slot] = value
    }
    cell("Number", number)
    cell("Time", record.at === null ? null : date(record.at))
    cell("TimeQuality", record.timeQuality ?? 0)
    for (const [field, type] of Object.entries(this.#options.fields)) {
      const value = record.values[field] ?? null
      cell(field, type === DataType.Variant ? new Variant(variantOf(value)) : value)
    }
  }

  #show(): void {
    const { capacity, epoch, fields } = this.#options
    const types: Record<string, DataType> = {
      Number: DataType.UInt32,
      Time: DataType.DateTime,
      TimeQuality: DataType.Byte,
      ...fields,
    }
    for (const [name, values] of this.#columns) {
      const dataType = types[name] ?? DataType.Double
      this.#nodes.set(`Shots.${name}`, arrayOf(values, dataType), { dataType })
    }
    this.#nodes.set("Shots.Capacity", capacity, { dataType: DataType.UInt32 })
    this.#nodes.set("Shots.Epoch", epoch)
    this.#nodes.set("Shots.Newest", this.#newest, { dataType: DataType.UInt32 })
  }
}

/** Typed where the type has no null: the library warns about others. */
function arrayOf(values: readonly unknown[], dataType: DataType): unknown {
  if (dataType === DataType.UInt32) return Uint32Array.from(values as number[])
  if (dataType === DataType.Byte) return Uint8Array.from(values as number[])
  if (dataType === DataType.Double) return Float64Array.from(values, (v) => Number(v ?? Number.NaN))
  if (dataType === DataType.Variant) return values.map((v) => v ?? new Variant({}))
  return [...values]
}

function variantOf(value: unknown): { dataType: DataType; value?: unknown } {
  return value === null ? { dataType: DataType.Null } : { dataType: typeOf(value), value }
}
