import type { DuckDBConnection, DuckDBPreparedStatement } from "@duckdb/node-api"
import { Problem } from "../../model/problem.ts"
import { qualityNames } from "../rows.ts"
import { sqlLimits } from "../sql.ts"

/** Nothing of the computer can be reached: neither files nor network, extensions or settings. Each stands on its own. */
const walls = [
  "SET temp_directory = ''",
  "SET enable_external_access = false",
  "SET disabled_filesystems = 'LocalFileSystem'",
  "SET autoload_known_extensions = false",
  "SET autoinstall_known_extensions = false",
  "SET allow_community_extensions = false",
  "SET threads = 2",
]

/** Rows as they come, and the words they mean beside them; what people ask is the views. */
const tables = [
  "CREATE SCHEMA kept",
  "CREATE TABLE kept.tag(id INTEGER, path VARCHAR, unit VARCHAR, is_text BOOLEAN)",
  "CREATE TABLE kept.source(id INTEGER, name VARCHAR)",
  "CREATE TABLE kept.text(tag INTEGER, id DOUBLE, text VARCHAR)",
  "CREATE TABLE kept.quality(id UTINYINT, name VARCHAR)",
  `CREATE TABLE kept.sample(tag INTEGER, "at" DOUBLE, value DOUBLE, quality UTINYINT, source INTEGER, number DOUBLE)`,
  `CREATE TABLE kept.cycle(id VARCHAR, equipment VARCHAR, source VARCHAR, sequence DOUBLE, start DOUBLE, "end" DOUBLE,
    tool VARCHAR, product VARCHAR, "order" VARCHAR, lot VARCHAR, verdict VARCHAR)`,
  "CREATE TABLE kept.cycle_value(cycle VARCHAR, name VARCHAR, number DOUBLE, text VARCHAR)",
]

function views(timezone: string): readonly string[] {
  const time = (ms: string) => `make_timestamp(round(${ms} * 1000)::BIGINT)`
  const local = (ms: string) => `timezone('${timezone}', timezone('UTC', ${time(ms)}))`
  return [
    `CREATE VIEW samples AS SELECT t.path, ${time('r."at"')} AS "at", ${local('r."at"')} AS local_time,
      CASE WHEN t.is_text OR isnan(r.value) THEN NULL ELSE r.value END AS value, x.text, q.name AS quality, t.unit,
      s.name AS source, r.number::BIGINT AS number
      FROM kept.sample r JOIN kept.tag t ON t.id = r.tag JOIN kept.quality q ON q.id = r.quality
      JOIN kept.source s ON s.id = r.source
      LEFT JOIN kept.text x ON t.is_text AND x.tag = r.tag AND x.id = r.value`,
    `CREATE VIEW cycles AS SELECT c.id, c.equipment, c.source, c.sequence::BIGINT AS sequence,
      ${time("c.start")} AS start, ${time('c."end"')} AS "end", ${local('c."end"')} AS local_end,
      c.tool, c.product, c."order", c.lot, c.verdict, v.numbers, v.texts
      FROM kept.cycle c LEFT JOIN (SELECT cycle,
        map_from_entries(list((name, number)) FILTER (number IS NOT NULL)) AS numbers,
        map_from_entries(list((name, text)) FILTER (text IS NOT NULL)) AS texts
        FROM kept.cycle_value GROUP BY cycle) v ON v.cycle = c.id`,
  ]
}

/** An empty database in memory, walled in. Throws where the engine is not installed. */
export async function openDatabase(timezone: string): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import("@duckdb/node-api")
  const database = await DuckDBInstance.create(":memory:", {
    memory_limit: `${sqlLimits.memoryMb}MB`,
  })
  const connection = await database.connect()
  for (const sql of [...walls, ...tables, ...views(timezone)]) await connection.run(sql)
  const names = qualityNames.map((name, id) => `(${id}, '${name}')`)
  await connection.run(`INSERT INTO kept.quality VALUES ${names.join()}`)
  await connection.run("SET lock_configuration = true")
  return connection
}

/** Beginnings of what DuckDB, too, takes for a SELECT are refused: PRAGMA, DESCRIBE, SHOW, CALL and others. */
const selects = /^(?:select|with|from|values|table)\b/i
/** What may stand before. */
const empty = /^(?:[\s;(]+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)/

/**
 * Makes ready one page of what a query answers, without the rows behind it. Throws `query-refused` for anything but one
 * SELECT, and what DuckDB says of it.
 */
export async function preparePage(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  await checkSelect(connection, sql)
  // DuckDB's function takes one SELECT, too, and nothing else.
  return await connection.prepare(
    `SELECT * FROM query('${sql.replaceAll("'", "''")}') LIMIT $limit OFFSET $after`,
  )
}

async function checkSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const { StatementType } = await import("@duckdb/node-api")
  let begin = sql
  for (let cut = empty.exec(begin); cut; cut = empty.exec(begin)) begin = begin.slice(cut[0].length)
  if (!selects.test(begin)) throw refused("expected one SELECT")
  const statements = await connection.extractStatements(sql).catch((thrown) => {
    throw explained(thrown, sql)
  })
  if (statements.count !== 1)
    throw refused(`got ${statements.count} statements, expected one SELECT`)
  const statement = await statements.prepare(0)
  if (statement.statementType !== StatementType.SELECT) throw refused("expected one SELECT")
  if (statement.parameterCount > 0) throw refused("got a parameter, expected its value")
}

/** `at` is a word of DuckDB's own, which its message does not say. */
function explained(thrown: unknown, sql: string): unknown {
  const message = thrown instanceof Error ? thrown.message : ""
  if (!message.includes("syntax error") || !/(?<![."])\bat\b(?!["'])/i.test(sql)) return thrown
  const [what = ""] = message.replace(/^Failed to extract statements: /, "").split("\n")
  return refused(`${what}; the column "at" is written in quotes or as samples.at`)
}

function refused(what: string): Problem {
  return new Problem("query-refused", "sql", what)
}
