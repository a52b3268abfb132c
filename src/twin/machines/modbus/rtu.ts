import { crc16, rtuFrame } from "../../../codec/modbus-frame.ts"
import type { Framing } from "./tcp.ts"

/** A reading and its checksum (MODBUS over Serial Line V1.02, 2.5.1): unit, function, two words, CRC. */
const requestLength = 8

/**
 * Modbus RTU for units that are only read. What is no request with a right checksum is noise; a unit that is not there
 * says nothing.
 */
export const rtuFraming: Framing = (bytes, answers, send) => {
  let rest = bytes
  while (rest.length >= requestLength) {
    const request = rest.subarray(0, requestLength)
    if (crc16(request) !== 0) {
      rest = rest.subarray(1)
      continue
    }
    const unit = request[0] ?? 0
    const answer = answers(unit, request.slice(1, -2))
    if (answer) send(rtuFrame(unit, answer))
    rest = rest.subarray(requestLength)
  }
  return rest
}
