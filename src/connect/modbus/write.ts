import {
  type Answer,
  exceptionWords,
  isBitTable,
  type Request,
  writeBitRequest,
  writeCoilRequest,
  writeCoilsRequest,
  writeRegisterRequest,
  writeRegistersRequest,
} from "../../codec/modbus-frame.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import type { Host, Point } from "../connector.ts"
import { type Place, parseAddress } from "./address.ts"
import type { ModbusLine } from "./open.ts"
import type { ModbusOptions } from "./options.ts"
import { bytesFor } from "./values.ts"

interface WriteJob {
  readonly line: ModbusLine
  readonly host: Host
  readonly options: ModbusOptions
  readonly point: Point
  readonly value: Value
}

/** Sent once and never again: what fails without an answer says nothing of what the machine did. */
export async function writePoint(job: WriteJob, signal: AbortSignal): Promise<void> {
  const { line, host, options, point, value } = job
  const where = `${host.name} ${point.tag.path}`
  const place = parseAddress(point.address, options.unit)
  const request = typeof place === "string" ? place : requestFor(value, place, options)
  if (typeof place === "string" || typeof request === "string")
    throw new Problem(
      "write-failed",
      where,
      `got ${request} for ${point.address}; nothing was sent`,
    )
  const answer = await line.ask(
    { unit: place.unit, request },
    { signal, whom: `unit ${place.unit}` },
  )
  checkAnswer(answer, where)
}

/** The request, or what is wrong as the end of a sentence that begins with "got". */
function requestFor(value: Value, place: Place, options: ModbusOptions): Request | string {
  const { table, start, bit } = place
  if (table === "discrete" || table === "input") return `${table}, expected a coil or holding`
  const isMultiple = options["write-with"] === "multiple"
  if (isBitTable(table) || bit !== undefined) {
    const on = flagOf(value)
    if (on === undefined) return `${value}, expected true or false`
    if (bit !== undefined) return writeBitRequest(start, bit, on)
    return isMultiple ? writeCoilsRequest(start, on) : writeCoilRequest(start, on)
  }
  const bytes = bytesFor(value, place)
  if (!bytes) return `${value}, expected what ${place.encoding.type} holds in steps of its scale`
  return place.length === 1 && !isMultiple
    ? writeRegisterRequest(start, bytes)
    : writeRegistersRequest(start, bytes)
}

function flagOf(value: Value): boolean | undefined {
  if (value === true || value === 1) return true
  return value === false || value === 0 ? false : undefined
}

/** After exceptions 5 and 11 the machine may yet do it. */
function checkAnswer(answer: Answer, where: string): void {
  if ("data" in answer) return
  const { exception: code } = answer
  const isOpen = code === 5 || code === 11
  const words = exceptionWords(code)
  throw new Problem(isOpen ? "connection-timeout" : "write-failed", where, `got ${words}`)
}
