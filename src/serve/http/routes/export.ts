import { Readable } from "node:stream"
import type { FastifyReply } from "fastify"
import { Type } from "typebox"
import { type ExportFormat, exportFormats, mediaTypes } from "../../../exchange/export.ts"
import { Problem } from "../../../model/problem.ts"
import { problemBody } from "../../api.ts"
import type { ServeParts } from "../../serve.ts"
import type { App, Context } from "../context.ts"
import { spanOf, tagsLike } from "./asked.ts"
import { spanQuery } from "./schemas.ts"

const mostAtOnce = 4
const longestMs = 3_600_000

const asked = Type.Object({
  tags: Type.String({
    minLength: 1,
    maxLength: 8000,
    description: "Paths or patterns (* one name, ** any number), separated by commas",
  }),
  ...spanQuery,
})

interface Asked {
  readonly tags: string
  readonly from?: number
  readonly to?: number
}

export function exportRoutes(app: App, { parts }: Context): void {
  const files = new Files(parts)
  const options = {
    exposeHeadRoute: false,
    handlerTimeout: longestMs,
    schema: {
      tags: ["history"],
      response: { 200: Type.Unsafe<Readable>({ type: "string" }), default: problemBody },
    },
  }
  app.get(
    "/export",
    {
      ...options,
      schema: {
        ...options.schema,
        summary: "Samples of tags as a file: Apache Parquet (zstd), or CSV for spreadsheets",
        querystring: Type.Object({
          ...asked.properties,
          format: Type.Optional(Type.Enum([...exportFormats], { default: "csv" })),
        }),
        produces: Object.values(mediaTypes),
      },
    },
    ({ query, signal }, reply) =>
      files.send(query, { format: query.format ?? "csv", signal, reply }),
  )
  app.get(
    "/export.csv",
    {
      ...options,
      schema: {
        ...options.schema,
        summary: "Samples of tags as a file for spreadsheets: /export?format=csv",
        querystring: asked,
        produces: [mediaTypes.csv],
      },
    },
    ({ query, signal }, reply) => files.send(query, { format: "csv", signal, reply }),
  )
}

interface Way {
  readonly format: ExportFormat
  readonly signal: AbortSignal
  readonly reply: FastifyReply
}

/** Files on their way out, few at once. */
class Files {
  readonly #parts: ServeParts
  #underWay = 0

  constructor(parts: ServeParts) {
    this.#parts = parts
  }

  /** Reads on as the asker takes; stops reading when the asker is gone. */
  async send(query: Asked, { format, signal, reply }: Way): Promise<Readable> {
    const { exporters, history, plant, store } = this.#parts
    const tags = tagsLike(query.tags, this.#parts)
    const request = { ...spanOf(query, this.#parts), tags, timezone: plant().timezone }
    const write = await exporters[format]()
    if (this.#underWay >= mostAtOnce)
      throw new Problem("too-many-requests", "export", `${mostAtOnce} others are under way`)
    this.#underWay++
    const source = {
      history,
      textOf: (tag: number, id: number) => store.registry.textOf(tag, id),
    }
    const file = Readable.from(write(request, source, signal), { highWaterMark: 2 })
    file.once("close", () => this.#underWay--)
    reply
      .type(mediaTypes[format])
      .header("content-disposition", `attachment; filename="moru-samples.${format}"`)
    return file
  }
}
