import { rights, routes } from "../../src/serve/rights.ts"
import { row, tableOf } from "./schema-page.ts"

/** The part of an OpenAPI document that the page is made of. */
export interface OpenApi {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly summary?: string }>>>>
}

/** Every route with what it is for and who may; shapes of requests and answers stand in the OpenAPI document. */
export function apiPage(document: OpenApi): string {
  const rows = Object.entries(routes).flatMap(([route, right]) => {
    const [method = "", path = ""] = route.split(" ")
    if (!path.startsWith("/api/v1/") && path !== "/metrics") return []
    const summary = summaryOf(document, method, path)
    return [row([method, `\`${path}\``, summary, `\`${right}\``, rights[right]])]
  })
  return `# HTTP API

The running Moru says the shapes of all requests and answers at \`/api/openapi.json\` (OpenAPI 3.1) and lets you try them at \`/api\`. How to
begin: [use the API](../how-to/use-the-api.md). Every route asks for a right; the last column is the least role that holds it.
Failures are [problems](problems.md).

${tableOf(["method", "path", "what", "right", "least"], rows)}`
}

function summaryOf({ paths }: OpenApi, method: string, path: string): string {
  const template = path.replace(/:([a-z]+)/gi, "{$1}")
  return paths?.[template]?.[method.toLowerCase()]?.summary ?? ""
}
