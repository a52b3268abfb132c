import type { Connector } from "../connector.ts"
import { HttpDevice } from "./device.ts"
import { type HttpOptions, httpOptions } from "./options.ts"

/** Machines and programs that give a JSON document over HTTP, or send one. */
export const http: Connector<HttpOptions> = {
  type: "http",
  summary: "JSON documents over HTTP: asked for on a beat, or received as a machine sends them.",
  evidence: "interop",
  options: httpOptions,
  create: (options, host) => new HttpDevice(options, host),
  schemes: ["http", "https"],
  optionsOf,
}

function optionsOf(address: URL): Readonly<Record<string, unknown>> {
  const { username, password, origin, pathname, search } = address
  return {
    url: `${origin}${pathname}${search}`,
    ...(username !== "" && { user: decodeURIComponent(username) }),
    ...(password !== "" && { password: decodeURIComponent(password) }),
  }
}
