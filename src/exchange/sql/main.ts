// A process of its own for one query: what it takes of memory and time ends with it, whatever the query is.
import { SystemClock } from "../../kernel/clock/system.ts"
import { every } from "../../kernel/clock.ts"
import { Problem } from "../../model/problem.ts"
import { sqlLimits } from "../sql.ts"
import type { FromProcess, ToProcess } from "./messages.ts"

const lookMs = 20
/** The runtime itself, and the messages on their way. */
const besidesMb = 256

/** DuckDB counts most of what it takes, but not every text it makes: this sees all. */
function watchMemory(): void {
  const most = (sqlLimits.memoryMb + besidesMb) * 1024 ** 2
  const look = () => {
    if (process.memoryUsage.rss() > most) process.kill(process.pid, "SIGKILL")
  }
  const { signal } = new AbortController()
  void every(lookMs, look, { clock: new SystemClock(), signal, failed: () => {} })
}

class Query {
  #work: ((message: ToProcess) => Promise<FromProcess>) | undefined

  async take(message: ToProcess): Promise<FromProcess> {
    if (message.kind === "ask") return await this.#begin(message)
    if (!this.#work) throw new Error(`got ${message.kind}, expected a question first`)
    return await this.#work(message)
  }

  async #begin({ sql, timezone }: { sql: string; timezone: string }): Promise<FromProcess> {
    const parts = await installed()
    const connection = await parts.openDatabase(timezone)
    const statement = await parts.preparePage(connection, sql)
    const filler = await parts.Filler.open(connection)
    this.#work = async (message) => {
      if (message.kind === "tags") await filler.tags(message.tags)
      if (message.kind === "rows") await filler.rows(message)
      if (message.kind === "cycles") await filler.cycles(message.cycles)
      if (message.kind !== "run") return { kind: "took" }
      filler.close()
      return { kind: "answer", ...(await parts.answerOf(statement, message)) }
    }
    return { kind: "needs", samples: /samples|kept/i.test(sql), cycles: /cycles|kept/i.test(sql) }
  }
}

/** What needs DuckDB, which need not be there. Throws `part-missing`. */
async function installed() {
  try {
    await import("@duckdb/node-api")
  } catch (thrown) {
    const [why] = String(thrown).split("\n")
    throw new Problem("part-missing", "sql", `got ${why}, expected @duckdb/node-api`)
  }
  const [{ openDatabase, preparePage }, { Filler }, { answerOf }] = await Promise.all([
    import("./database.ts"),
    import("./fill.ts"),
    import("./answer.ts"),
  ])
  return { openDatabase, preparePage, Filler, answerOf }
}

function problemIn(thrown: unknown): FromProcess {
  if (thrown instanceof Problem) return { kind: "problem", code: thrown.code, what: thrown.what }
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  const code = /^Out of Memory|Invalid string length|allocation failed|bad_alloc/i.test(what)
    ? "query-too-large"
    : "query-refused"
  return { kind: "problem", code, what: what.replace(/^Failed to extract statements: /, "") }
}

watchMemory()
const query = new Query()
process.on("disconnect", () => process.exit())
process.on("message", (message: ToProcess) => {
  query.take(message).then(
    (answer) => process.send?.(answer),
    (thrown: unknown) => process.send?.(problemIn(thrown)),
  )
})
