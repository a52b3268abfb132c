import { Readable } from "node:stream"
import { Type } from "typebox"
import { Problem } from "../../../model/problem.ts"
import { problemBody } from "../../api.ts"
import { backupBody, type StorageView, storageView } from "../../api-storage.ts"
import type { ServeParts } from "../../serve.ts"
import { type App, type Context, personOf } from "../context.ts"
import { answers } from "./schemas.ts"

const tags = ["storage"]
const longestMs = 24 * 3_600_000

export function storageRoutes(app: App, { parts }: Context): void {
  app.get(
    "/storage",
    {
      schema: {
        tags,
        summary: "How full the data folder is, and when it will be",
        response: answers(storageView),
      },
    },
    () => viewOf(parts),
  )

  let isUnderWay = false
  app.post(
    "/backup",
    {
      handlerTimeout: longestMs,
      schema: {
        tags,
        summary: "A backup of everything while Moru runs, as one tar",
        description:
          "Its last file is the manifest, with the SHA-256 of each; `moru verify` reads it.",
        body: backupBody,
        produces: ["application/x-tar"],
        response: { 200: Type.Unsafe<Readable>({ type: "string" }), default: problemBody },
      },
    },
    async (request, reply) => {
      if (isUnderWay)
        throw new Problem("too-many-requests", "backup", "another backup is under way")
      isUnderWay = true
      const have = new Set(request.body.have ?? [])
      // The request's own signal ends with its body.
      const gone = new AbortController()
      const file = Readable.from(parts.backup({ have, by: personOf(request).id }, gone.signal))
      file.once("close", () => {
        isUnderWay = false
        gone.abort(new Error("the asker left"))
      })
      reply
        .type("application/x-tar")
        .header("content-disposition", 'attachment; filename="moru-backup.tar"')
      return file
    },
  )
}

async function viewOf(parts: ServeParts): Promise<StorageView> {
  const report = await parts.storage.report()
  const retention = parts.plant().storage.retention.map(({ tags, ...ages }) => ({
    tags,
    ...Object.fromEntries(Object.entries(ages).filter(([, ms]) => Number.isFinite(ms))),
  }))
  return { ...report, retention }
}
