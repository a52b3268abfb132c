import type { Socket } from "node:net"
import type { TableCell } from "../../codec/table.ts"
import type { Reached } from "../../kernel/network.ts"

/** Where a row stands: what is asked for after it, and what tells it from the row before. */
export type Watermark = string | number

export interface Login {
  readonly reached: Reached
  readonly user: string
  readonly password: string
  readonly name: string
  /** Absent where nothing is encrypted. `ca` is PEM; the system's authorities where absent. */
  readonly tls?: { readonly ca?: string }
  readonly timeoutMs: number
  /** Not connected yet; whoever destroys it ends everything. */
  readonly socket: Socket
}

export interface Fetch {
  readonly query: string
  readonly watermark: Watermark
  readonly limit: number
}

export interface Fetched {
  readonly columns: readonly string[]
  /** Numbers, booleans and texts as the database has them; times as texts to their last digit, integers beyond 2^53 too. */
  readonly rows: readonly (readonly TableCell[])[]
  /** True for columns whose times are in UTC without saying so. */
  readonly isUtc: readonly boolean[]
}

/** An open connection to one database. What is thrown is the library's own. */
export interface Database {
  /** Reads in a transaction that changes nothing. */
  fetch(wanted: Fetch): Promise<Fetched>
  close(): Promise<void>
}

/** Opens a connection; the library is loaded with it. */
export type Open = (login: Login) => Promise<Database>
