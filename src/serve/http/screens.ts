import files from "@fastify/static"
import { Problem } from "../../model/problem.ts"
import type { App } from "./context.ts"

const yearSeconds = 31_536_000

/** The built screens; every address that is no file and no API is a page of theirs. */
export async function screens(app: App, web: { folder: string; built: boolean }): Promise<void> {
  if (web.built)
    await app.register(files, {
      root: web.folder,
      index: "index.html",
      dotfiles: "ignore",
      schemaHide: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Vite names assets by their content, so a name never changes its meaning.
        const lasting = path.includes("/assets/")
        reply.header(
          "cache-control",
          lasting ? `public, max-age=${yearSeconds}, immutable` : "no-cache",
        )
      },
    })
  else
    app.get("/*", { schema: { hide: true } }, (request, reply) => {
      checkPage(request)
      reply.code(503).type("text/html; charset=utf-8").send(notBuilt)
    })

  app.setNotFoundHandler((request, reply) => {
    checkPage(request)
    return reply.header("cache-control", "no-cache").sendFile("index.html")
  })
}

/** Throws `not-found` for what is never a page. */
function checkPage({ method, url }: { readonly method: string; readonly url: string }): void {
  const [path = ""] = url.split("?")
  if (method === "GET" && !/^\/(api|metrics|assets)(\/|$)/.test(path)) return
  throw new Problem("not-found", `${method} ${path}`, "there is nothing at this address")
}

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Moru</title>
<h1>The screens are not built</h1>
<p>Run <code>npm run build</code>, then start Moru again. The API works: <a href="/api/">/api/</a>.</p>
</html>
`
