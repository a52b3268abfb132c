import { basename, dirname, join, resolve } from "node:path"
import { type Recording, readRecording } from "../../codec/recording.ts"
import { Problem } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import type { ReplayOptions } from "./options.ts"

/** A recording with what tells it from another of the same name. */
export interface PlayedFile {
  readonly recording: Recording
  readonly epoch: string
}

/** Reads all files of the pattern, in the order of their names. Throws `config-unreadable` where there are none. */
export async function readFiles(options: ReplayOptions, host: Host): Promise<PlayedFile[]> {
  const pattern = resolve(host.plantFolder, options.files)
  const folder = dirname(pattern)
  const matches = matcherOf(basename(pattern))
  const names = (await host.files.list(folder)).filter(matches)
  if (names.length === 0)
    throw new Problem(
      "config-unreadable",
      host.name,
      `got no file "${options.files}", expected a path relative to the plant's folder or absolute`,
    )
  const played: PlayedFile[] = []
  for (const name of names) {
    const bytes = await host.files.read(join(folder, name))
    if (!bytes) continue
    const recording = readRecording(bytes, name, options.zone)
    played.push({ recording, epoch: epochOf(bytes) })
  }
  return played
}

/** `*` stands for any characters of a file's name. */
export function matcherOf(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
  const expression = new RegExp(`^${parts.join("[^/]*?")}$`, "s")
  return (name) => expression.test(name)
}

const lineEnd = 10

/** Over the header and the first row, so that a file that grows goes on and one that was replaced begins anew. */
function epochOf(bytes: Uint8Array): string {
  const header = bytes.indexOf(lineEnd)
  const end = header < 0 ? -1 : bytes.indexOf(lineEnd, header + 1)
  const head = bytes.subarray(0, end < 0 ? bytes.length : end)
  let hash = 0x811c9dc5
  for (const byte of head) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, "0")
}
