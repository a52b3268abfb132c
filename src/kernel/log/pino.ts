import { type Logger, pino } from "pino"
import type { Log } from "../log.ts"

/** One JSON line an entry on standard error, so that standard output stays for a command's result. */
export function pinoLog(level: string): Log {
  return wrap(pino({ level, base: null }, pino.destination({ fd: 2, sync: true })), [])
}

/** A part within a part is named by both, such as `connect/dc-1`. */
function wrap(root: Logger, parts: readonly string[]): Log {
  const logger = parts.length > 0 ? root.child({ part: parts.join("/") }) : root
  return {
    debug: (message, facts) => logger.debug(facts ?? {}, message),
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, facts) => logger.error(facts ?? {}, message),
    of: (part) => wrap(root, [...parts, part]),
  }
}
