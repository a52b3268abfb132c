import assert from "node:assert/strict"
import { test } from "node:test"
import { Metrics } from "./metrics.ts"

test("Prometheus reads counts and gauges, those of one name together under their type", () => {
  const metrics = new Metrics()
  metrics.count("moru_samples_total", { device: "dc-2" }, 3)
  metrics.gauge("moru_connected", { device: 'the "old" one' }, 1)
  metrics.count("moru_samples_total", { device: "dc-1" })
  metrics.count("moru_samples_total", { device: "dc-2" })
  assert.equal(
    metrics.text(),
    `# TYPE moru_connected gauge
moru_connected{device="the \\"old\\" one"} 1
# TYPE moru_samples_total counter
moru_samples_total{device="dc-1"} 1
moru_samples_total{device="dc-2"} 4
`,
  )
})
