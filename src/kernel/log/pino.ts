import { type Logger, pino } from "pino"
import type { Log } from "../log.ts"

/** One JSON line an entry on standard error, so that standard output stays for a command's result. */
export function pinoLog(level: string): Log {
  return wrap(pino({ level, base: null }, pino.destination({ fd: 2, sync: true })))
}

function wrap(logger: Logger): Log {
  return {
    debug: (message, facts) => logger.debug(facts ?? {}, message),
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
    error: (message, facts) => logger.error(facts ?? {}, message),
    of: (part) => wrap(logger.child({ part })),
  }
}
