import { type Static, Type } from "typebox"
import type { Alarm } from "../../../analyse/alarm.ts"
import { alarmView } from "../../api.ts"
import { alarmAct } from "../../requests.ts"
import { alarmViewOf } from "../../view/alarm.ts"
import { namesFor } from "../../view/record.ts"
import { type App, type Context, personOf } from "../context.ts"
import { invalid, wordsOf } from "./asked.ts"
import { answers } from "./schemas.ts"

const tags = ["alarms"]

type Act = Static<typeof alarmAct>

export function alarmRoutes(app: App, { parts, people }: Context): void {
  const { alarms } = parts

  app.get(
    "/alarms",
    {
      schema: {
        tags,
        summary: "Alarms and where they stand in their life (ISA-18.2)",
        querystring: Type.Object({
          state: Type.Optional(
            Type.String({ description: "Only these states, separated by commas" }),
          ),
        }),
        response: answers(Type.Array(alarmView)),
      },
    },
    async (request) => {
      const states = wordsOf(request.query.state)
      const names = await namesFor(request.visitor, people)
      const all = alarms.list()
      return all
        .filter(({ state }) => states.length === 0 || states.includes(state))
        .map((alarm) => alarmViewOf(alarm, names))
    },
  )

  act("acknowledge", "I have seen it", ({ id }, by) => alarms.acknowledge(id, by))
  act("shelve", "Put it aside until a time, for a reason", (body, by) =>
    alarms.shelve(body.id, by, { until: endOf(body), reason: reasonOf(body) }),
  )
  act("unshelve", "Take it back before its time", ({ id }, by) => alarms.unshelve(id, by))
  act("out-of-service", "Take it out of service, for a reason", (body, by) =>
    alarms.takeOutOfService(body.id, by, reasonOf(body)),
  )
  act("return-to-service", "Put it in service again", ({ id }, by) =>
    alarms.returnToService(id, by),
  )

  function act(name: string, summary: string, change: (body: Act, by: string) => Promise<Alarm>) {
    app.post(
      `/alarms/${name}`,
      { schema: { tags, summary, body: alarmAct, response: answers(alarmView) } },
      async (request) => {
        const alarm = await change(request.body, personOf(request).id)
        return alarmViewOf(alarm, await namesFor(request.visitor, people))
      },
    )
  }
}

/** How far ahead it may lie is for the alarms to say. */
function endOf({ until }: Act): number {
  if (until !== undefined) return until
  throw invalid("body until", "got nothing, expected a time")
}

function reasonOf({ reason }: Act): string {
  if (reason?.trim()) return reason
  throw invalid("body reason", "got nothing, expected why")
}
