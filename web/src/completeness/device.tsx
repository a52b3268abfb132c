import { Link } from "@tanstack/react-router"
import type { DevicePartView } from "../../../src/serve/api-completeness.ts"
import type { Span } from "../api/queries.ts"
import { usePlant } from "../api/queries.ts"
import { clockSeconds, dayTime, number } from "../text/format.ts"
import { sayLength, useTexts, wordOf } from "../text/text.ts"
import { Strip } from "./strip.tsx"
import { VerdictMark } from "./verdict.tsx"

/** What is known of one device: its time as a strip, its numbers, and what is missing with its record. */
export function DeviceReport({ part, span }: { part: DevicePartView; span: Span }) {
  const { t, say } = useTexts()
  const plant = usePlant()
  const zone = plant.timezone
  const names = part.equipment.map((path) => {
    const found = plant.equipment.find((each) => each.path === path)
    return found ? say(found.name) : path
  })
  return (
    <article className="device-report">
      <header>
        <VerdictMark verdict={part.verdict} />
        <h3>{part.device}</h3>
        <span className="muted clip">
          {names.join(", ")} · {part.connector}
        </span>
        <span className="push num">
          {number(part.rows)} {t("complete.rows")}
        </span>
      </header>
      <Strip part={part} span={span} zone={zone} />
      {part.doubts.map((doubt) => (
        <p key={doubt} className="doubt">
          {wordOf(t, "complete.doubt", doubt)}
        </p>
      ))}
      {part.gaps.length > 0 && <GapTable part={part} zone={zone} />}
      {part.silences.length > 0 && part.rows > 0 && (
        <p className="num">
          <b>{t("complete.silence")}</b>{" "}
          {part.silences
            .slice(0, 20)
            .map(({ from, to }) => `${dayTime(from, zone)} (${sayLength(t, to - from)})`)
            .join(", ")}
        </p>
      )}
      {part.sources.length > 0 && <SourceTable part={part} zone={zone} />}
      {part.silentTags.length > 0 && (
        <p className="muted">
          {t("complete.silent-tags")}: <span className="code">{part.silentTags.join(", ")}</span>
        </p>
      )}
      <p className="muted digest-line">
        {t("complete.digest")} <span className="code">{part.digest}</span>
      </p>
    </article>
  )
}

function GapTable({ part, zone }: { part: DevicePartView; zone: string }) {
  const { t } = useTexts()
  return (
    <div className="scroll">
      <table className="table">
        <thead>
          <tr>
            <th>{t("complete.cause")}</th>
            <th>{t("complete.from")}</th>
            <th>{t("complete.to")}</th>
            <th className="r">{t("gaps.size")}</th>
            <th>{t("complete.left")}</th>
            <th>{t("complete.record")}</th>
          </tr>
        </thead>
        <tbody>
          {part.gaps.map((gap) => {
            const left = gap.left.reduce((sum, { from, to }) => sum + to - from, 0)
            const filled = gap.filledRows
              ? ` · ${t("complete.filled", { n: number(gap.filledRows) })}`
              : ""
            return (
              <tr key={gap.id}>
                <td className="nowrap">
                  <b>{wordOf(t, "gap", gap.because)}</b>
                </td>
                <td className="nowrap">{dayTime(gap.from, zone)}</td>
                <td className="nowrap">
                  {gap.to === undefined ? t("complete.open") : dayTime(gap.to, zone)}
                </td>
                <td className="r">
                  {gap.size === undefined ? t("gaps.unknown") : number(gap.size)}
                </td>
                <td>
                  {gap.left.length === 0 ? t("complete.left.none") : sayLength(t, left)}
                  {filled}
                </td>
                <td>
                  <Link to="/ledger/$id" params={{ id: gap.id }} className="code">
                    {gap.id}
                  </Link>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function SourceTable({ part, zone }: { part: DevicePartView; zone: string }) {
  const { t } = useTexts()
  const hasHouse = part.sources.some(({ numberedBy }) => numberedBy === "house")
  return (
    <>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th>{t("complete.source")}</th>
              <th className="r">{t("complete.rows")}</th>
              <th>{t("complete.numbers")}</th>
              <th>{t("complete.times")}</th>
            </tr>
          </thead>
          <tbody>
            {part.sources.map((source) => (
              <tr key={source.source}>
                <td>
                  <span className="code">{source.source.split("@")[0]}</span>{" "}
                  <small className="muted">{wordOf(t, "complete.by", source.numberedBy)}</small>
                </td>
                <td className="r">{number(source.rows)}</td>
                <td className="num">
                  {number(source.first)} – {number(source.last)}{" "}
                  <Holes missing={source.missing} holes={source.holes} />
                </td>
                <td className="nowrap">
                  {clockSeconds(source.firstAt, zone)} – {clockSeconds(source.lastAt, zone)}
                </td>
              </tr>
            ))}
            {part.cycles.map((cycles) => (
              <tr key={`${cycles.source} cycles`}>
                <td>
                  {t("complete.cycles")} <span className="code">{cycles.source.split("@")[0]}</span>
                </td>
                <td className="r">{number(cycles.cycles)}</td>
                <td className="num" colSpan={2}>
                  {number(cycles.first)} – {number(cycles.last)}{" "}
                  <Holes missing={cycles.missing} holes={[]} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hasHouse && <p className="muted note">{t("complete.house.note")}</p>}
    </>
  )
}

function Holes(props: {
  missing: number
  holes: readonly { readonly first: number; readonly last: number }[]
}) {
  const { t } = useTexts()
  if (props.missing === 0) return <small className="muted">{t("complete.numbers.whole")}</small>
  const first = props.holes
    .slice(0, 5)
    .map((hole) => t("complete.hole", { first: number(hole.first), last: number(hole.last) }))
  return (
    <b className="lacks" title={first.join(", ")}>
      {t("complete.missing.n", { n: number(props.missing) })}
      {first.length > 0 && `: ${first.join(", ")}`}
    </b>
  )
}
