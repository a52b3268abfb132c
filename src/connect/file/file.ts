import { basename, dirname } from "node:path"
import { fileURLToPath } from "node:url"
import type { Connector } from "../connector.ts"
import { FileDevice } from "./device.ts"
import { type FileOptions, fileOptions } from "./options.ts"

/** Testers and programs that write a file for each part, batch or shift. */
export const file: Connector<FileOptions> = {
  type: "file",
  summary: "Files dropped into a folder, CSV or Excel: finished ones are stored and moved away.",
  evidence: "interop",
  options: fileOptions,
  create: (options, host) => new FileDevice(options, host),
  schemes: ["file"],
  optionsOf: (address) => {
    const path = fileURLToPath(address.href.replace(/[?#].*$/, ""))
    return {
      ...Object.fromEntries(address.searchParams),
      folder: dirname(path),
      pattern: basename(path),
    }
  },
}
