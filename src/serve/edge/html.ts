import type { DeviceHealth } from "../../connect/connector.ts"
import type { EdgeHealth } from "../../connect/edge.ts"
import { type Language, say, type Text } from "../../model/text.ts"
import type { CertificateSeen } from "../serve.ts"

export interface EdgeShown {
  readonly name: string
  readonly plant: Text
  readonly version: string
  readonly language: Language
  readonly edge: EdgeHealth
  readonly devices: readonly DeviceHealth[]
  readonly certificates: readonly CertificateSeen[]
  readonly health: {
    readonly parts: readonly {
      readonly name: string
      readonly state: string
      readonly because?: string
    }[]
  }
}

const words = {
  edge: { en: "Edge", ko: "에지" },
  centre: { en: "Centre", ko: "중앙" },
  connected: { en: "connected", ko: "연결됨" },
  lost: { en: "cut off", ko: "끊김" },
  unheard: { en: "not heard yet", ko: "아직 소식 없음" },
  waiting: { en: "waiting", ko: "대기" },
  connecting: { en: "connecting", ko: "연결 중" },
  stopped: { en: "stopped", ko: "멈춤" },
  lag: { en: "Behind by", ko: "뒤처짐" },
  log: { en: "Log", ko: "보관" },
  of: { en: "of", ko: "/" },
  lasts: { en: "lasts for", ko: "버티는 기간" },
  days: { en: "days", ko: "일" },
  onlySummaries: { en: "Samples of which only summaries are left", ko: "요약만 남은 표본" },
  devices: { en: "Devices", ko: "장치" },
  samples: { en: "samples", ko: "표본" },
  trouble: { en: "Needs a look", ko: "살펴볼 것" },
  certificates: { en: "Certificates that wait for trust", ko: "신뢰를 기다리는 인증서" },
} as const satisfies Record<string, Text>

/** The page as it is now; it asks again by itself. No script stands in it. */
export function pageOf(shown: EdgeShown): string {
  const { language, edge, name, plant, version } = shown
  const word = (key: keyof typeof words) => say(words[key], language)
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>${escaped(`${word("edge")} ${name} – Moru`)}</title>
<style>${style}</style>
</head>
<body>
<header><b>Moru</b> <span>${escaped(version)}</span></header>
<h1>${escaped(name)}</h1>
<p>${escaped(say(plant, language))}</p>
<dl class="${edge.state}">
<div><dt>${word("centre")}</dt><dd>${word(edge.state)}</dd></div>
<div><dt>${word("lag")}</dt><dd>${lengthText(edge.lagMs)}</dd></div>
<div><dt>${word("log")}</dt><dd>${sizeText(edge.bytes)} ${word("of")} ${sizeText(edge.budgetBytes)}</dd></div>
${edge.lastsDays === undefined ? "" : `<div><dt>${word("lasts")}</dt><dd>${daysText(edge.lastsDays)} ${word("days")}</dd></div>`}
${edge.lost > 0 ? `<div><dt>${word("onlySummaries")}</dt><dd>${edge.lost}</dd></div>` : ""}
</dl>
${troubles(shown, word("trouble"))}
<h2>${word("devices")}</h2>
<ul>${shown.devices.map((device) => deviceItem(device, word)).join("")}</ul>
${certificates(shown, word("certificates"))}
</body>
</html>
`
}

function troubles({ edge, health }: EdgeShown, title: string): string {
  const { problem } = edge
  const parts = health.parts.flatMap(({ because }) =>
    because === undefined || because === problem?.message ? [] : [because],
  )
  const all = [...(problem ? [`${problem.message}. ${problem.hint}`] : []), ...parts]
  if (all.length === 0) return ""
  return `<h2>${title}</h2><ul class="trouble">${all.map((one) => `<li>${escaped(one)}</li>`).join("")}</ul>`
}

function deviceItem(device: DeviceHealth, word: (key: keyof typeof words) => string): string {
  const { device: name, connector, state, samples, problem } = device
  const why = problem ? `<small>${escaped(`${problem.message}. ${problem.hint}`)}</small>` : ""
  const count = `${samples} ${word("samples")}`
  return `<li class="${state}"><b>${escaped(name)}</b> ${escaped(connector)} <i>${word(state)}</i> ${count}${why}</li>`
}

function certificates({ certificates: all }: EdgeShown, title: string): string {
  if (all.length === 0) return ""
  const items = all.map(
    ({ device, fingerprint, subject }) =>
      `<li><b>${escaped(device)}</b> ${escaped(subject)}<small>${escaped(fingerprint)}</small></li>`,
  )
  return `<h2>${title}</h2><ul>${items.join("")}</ul>`
}

function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB`
}

function lengthText(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

function daysText(days: number): string {
  return days >= 10 ? `${Math.round(days)}` : days.toFixed(1)
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 Pretendard, system-ui, sans-serif }
body { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem }
header, small, i, dt, p { opacity: .75 }
h1 { margin: .5rem 0 0 } h2 { font-size: 1rem; margin: 1.75rem 0 .5rem } p { margin: 0 }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.25rem 0 0 }
dl div, li { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: .5rem; padding: .6rem .8rem }
dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem }
i { font-style: normal } small { display: block; overflow-wrap: anywhere }
dl.lost div:first-child dd, li.lost b, .trouble li { color: light-dark(#a4260f, #ff9d8a) }
.trouble li { border-color: currentColor }
`
