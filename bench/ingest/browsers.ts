// Screens that follow the live stream as a browser does: a session each, all values read.
import { type IncomingMessage, request } from "node:http"

const { url, cookie, patterns } = JSON.parse(process.argv[2] ?? "{}")
let values = 0
let events = 0

function read(answer: IncomingMessage): void {
  if (answer.statusCode !== 200) throw new Error(`the live stream answered ${answer.statusCode}`)
  let text = ""
  answer.setEncoding("utf8").on("data", (piece: string) => {
    const pieces = (text + piece).split("\n\n")
    text = pieces.pop() ?? ""
    for (const one of pieces) {
      events++
      const data = /^event: values\ndata: (.*)$/.exec(one)?.[1]
      if (data !== undefined) values += JSON.parse(data).length
    }
  })
}

for (const pattern of patterns) {
  const query = `pattern=${encodeURIComponent(pattern)}&interval=250`
  const options = { headers: { cookie }, agent: false }
  request(`${url}/api/v1/live?${query}`, options, read).end()
}
process.on("message", () => process.send?.({ values, events }))
process.on("disconnect", () => process.exit())
process.send?.("open")
