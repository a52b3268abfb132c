import { useOverview, usePlant } from "../api/queries.ts"
import { Loaded } from "../parts/notice.tsx"
import { FirstRun } from "./first-run.tsx"
import { Inbox } from "./inbox.tsx"
import { Kpis } from "./kpis.tsx"
import { Lines } from "./lines.tsx"
import { RecentEvents } from "./recent-events.tsx"
import { Watched } from "./watched.tsx"
import "./overview.css"

/** The whole plant on one screen: how it does, where it stands, what waits for a person. */
export function Overview() {
  const plant = usePlant()
  const overview = useOverview()
  return (
    <div className="page overview">
      <FirstRun plant={plant} />
      <Loaded query={overview}>{(data) => <Kpis overview={data} />}</Loaded>
      <Loaded query={overview}>{(data) => <Lines plant={plant} overview={data} />}</Loaded>
      <Watched plant={plant} />
      <div className="side">
        <Inbox />
        <RecentEvents />
      </div>
    </div>
  )
}
