import { silentLog } from "../../kernel/log.ts"
import type { ServeParts } from "../serve.ts"
import { buildApp } from "./app.ts"
import { documentOf } from "./openapi.ts"
import { contextOf } from "./server.ts"

/** The OpenAPI document of `/api/v1` without a house behind it: no route is ever called. */
export async function openApiDocument(version: string): Promise<Record<string, unknown>> {
  const parts = { log: silentLog, version } as ServeParts
  const app = await buildApp(contextOf(parts), { screensBuilt: false })
  await app.ready()
  const document = documentOf(app)
  await app.close()
  return document
}
