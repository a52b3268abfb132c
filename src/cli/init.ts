import { join, resolve } from "node:path"
import type { Command } from "commander"
import { fail, print } from "./print.ts"

interface InitOptions {
  readonly name?: string
  readonly timezone?: string
}

export function registerInit(program: Command): void {
  program
    .command("init")
    .description("make a new plant: a folder with a plant.yaml that is ready to be filled")
    .argument("<folder>", "folder to make; it holds no plant yet")
    .option("--name <text>", "what people call the plant (default: the folder's name)")
    .option("--timezone <name>", "IANA time zone such as Asia/Seoul (default: this computer's)")
    .action(async (folder: string, options: InitOptions) => {
      try {
        const { makePlant, plantRequest } = await import("./connect/plant.ts")
        await makePlant(await plantRequest(folder, process.env), options)
        print(`Made ${join(resolve(folder), "plant.yaml")}`)
        print("Next: see what a machine has with `moru connect browse ADDRESS`")
      } catch (thrown) {
        fail(thrown, false)
      }
    })
}
