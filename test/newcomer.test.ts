// What docs/how-to/connect-a-foreign-server.md promises a newcomer, run word by word against a server of another maker.
import assert from "node:assert/strict"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { freePort } from "./support/free-port.ts"
import { until } from "./support/until.ts"

const root = join(import.meta.dirname, "..")
const page = readFileSync(join(root, "docs/how-to/connect-a-foreign-server.md"), "utf8")
const python = process.env.MORU_PEERS_PYTHON ?? "python3"

interface Step {
  readonly command: string
  readonly shown: readonly string[]
}

const steps = [...page.matchAll(/```console\n\$ (.*)\n([\s\S]*?)```/g)].map(
  ([, command = "", shown = ""]): Step => ({ command, shown: shown.trimEnd().split("\n") }),
)

let folder = ""
const running: ChildProcess[] = []
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "moru-newcomer-"))
})
after(async () => {
  for (const child of running) child.kill("SIGKILL")
  await rm(folder, { recursive: true, force: true })
})

test("a newcomer sees the values of a foreign server of 200 after six commands", async (t) => {
  if (spawnSync(python, ["-c", "import asyncua"]).status !== 0) {
    const reason = `skipped: ${python} has no asyncua (pip install asyncua)`
    process.stdout.write(`${reason}\n`)
    return t.skip(reason)
  }
  assert.ok(steps.length <= 6, "six commands or fewer")
  assert.match(steps.at(-1)?.command ?? "", / values /)
  const [machine, screens] = [await freePort(), await freePort()]
  const server = start(python, [join(root, "test/support/foreign-opcua.py"), `${machine}`])
  await until("the foreign server is ready", () => server.said().includes("ready"))
  let token = ""
  for (const { command, shown } of steps) {
    const args = argumentsOf(command, { machine, screens, token })
    const wanted = shown.filter((line) => line !== "" && line !== "...").map(pattern)
    const moru = start(process.execPath, [join(root, "src/main.ts"), ...args])
    if (args[0] === "run") {
      await until("Moru runs", () => moru.said().includes("Ctrl-C stops it."))
      token = /token=(\S+)/.exec(moru.said())?.[1] ?? ""
    } else assert.equal(await moru.exited, 0, `${command}\n${moru.said()}`)
    const isAsPromised = (said: string) => wanted.every((line) => line.test(said))
    // The machine's first values may take a moment; nobody becomes the first administrator twice.
    if (args[0] === "values" && !isAsPromised(moru.said()))
      await until("the values are there", async () => {
        const again = start(process.execPath, [
          join(root, "src/main.ts"),
          ...args.slice(0, 3),
          ...args.slice(5),
        ])
        await again.exited
        return isAsPromised(again.said())
      })
    else for (const each of wanted) assert.match(moru.said(), each, command)
  }
})

/** What differs from run to run: what is left out, addresses, times, measured values, and blanks that follow the widest cell. */
const loose: readonly (readonly [RegExp, string])[] = [
  [/^\.\.\.$/, ".*"],
  [/^192\.168\.0\.10:4840$/, "127\\.0\\.0\\.1:\\d+"],
  [/^127\.0\.0\.1:4400$/, "127\\.0\\.0\\.1:\\d+"],
  [/^\d+-\d\d-\d\d \d\d:/, "\\d+-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d"],
  [/^\d+\.\d+$/, "-?\\d+(\\.\\d+)?"],
  [/^ +$/, " +"],
]
const parts =
  /(\.\.\.|192\.168\.0\.10:4840|127\.0\.0\.1:4400|\d+-\d\d-\d\d \d\d:\d\d:\d\d|(?<= )\d+\.\d+(?= |$)| +)/

/** A line of the page as what it promises. */
function pattern(line: string): RegExp {
  const made = line.split(parts).map((part) => {
    const free = loose.find(([known]) => known.test(part))
    return free ? free[1] : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  })
  return new RegExp(`^${made.join("")}$`, "m")
}

function argumentsOf(
  command: string,
  { machine, screens, token }: { machine: number; screens: number; token: string },
): string[] {
  const prefix = "npm run moru -- "
  assert.ok(command.startsWith(prefix), command)
  const words = command
    .slice(prefix.length)
    .replaceAll("192.168.0.10:4840", `127.0.0.1:${machine}`)
    .replaceAll("TOKEN", token)
  const args = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)
  const named = args.filter((word) => word !== undefined)
  if (named[0] === "run") return [...named, "--port", `${screens}`]
  return named[0] === "values" ? [...named, "--url", `http://127.0.0.1:${screens}`] : named
}

interface Started {
  readonly exited: Promise<number | null>
  said(): string
}

function start(program: string, args: readonly string[]): Started {
  const env = { ...process.env, MORU_PASSWORD: "correct horse battery" }
  const child = spawn(program, args, { cwd: folder, env })
  running.push(child)
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text
  })
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said += text
  })
  const exited = new Promise<number | null>((done) => child.once("close", done))
  return { exited, said: () => said }
}
