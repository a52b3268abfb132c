// Loaded into the server's process beside Moru (`--import`): how long its event loop is held up, from the first message to the next.
import { monitorEventLoopDelay } from "node:perf_hooks"

const delay = monitorEventLoopDelay({ resolution: 1 })

process.on("message", (said) => {
  if (said === "begin") {
    delay.reset()
    delay.enable()
  } else {
    delay.disable()
    process.send?.({ p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 })
  }
})
process.channel?.unref()
