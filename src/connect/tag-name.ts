import type { FoundPoint } from "./connector.ts"

/** Words of Korean machines as they stand in paths; the longest that fits goes first. */
const glossary: Readonly<Record<string, string>> = {
  ...{ 온도: "temperature", 압력: "pressure", 전류: "current", 전압: "voltage", 유량: "flow" },
  ...{ 전력: "power", 전력량: "energy", 회전수: "speed", 속도: "speed", 위치: "position" },
  ...{ 두께: "thickness", 길이: "length", 중량: "weight", 무게: "weight", 시간: "time" },
  ...{ 사이클타임: "cycle-time", 사이클: "cycle", 타수: "shot-count", 수량: "count" },
  ...{ 생산량: "output", 생산: "production", 불량: "bad", 양품: "good", 상태: "state" },
  ...{ 알람: "alarm", 경보: "alarm", 비상정지: "emergency-stop", 운전: "run", 정지: "stop" },
  ...{ 자동: "auto", 수동: "manual", 설정값: "set", 설정: "set", 현재값: "actual", 현재: "actual" },
  ...{ 상형: "upper-die", 하형: "lower-die", 금형: "die", 용탕: "melt", 냉각수: "coolant" },
  ...{ 냉각: "cooling", 슬리브: "sleeve", 유압: "hydraulic-pressure", 유온: "oil-temperature" },
  ...{ 작동유: "oil", 습도: "humidity", 진동: "vibration", 주파수: "frequency", 레벨: "level" },
  ...{ 수위: "level", 모터: "motor", 펌프: "pump", 밸브: "valve", 히터: "heater", 토크: "torque" },
  ...{ 부하: "load", 주축: "spindle", 이송: "feed", 형체력: "clamping-force", 사출: "injection" },
  ...{ 입구: "inlet", 출구: "outlet", 상부: "upper", 하부: "lower", 누적: "total", 품번: "part" },
}
const glossaryWords = Object.keys(glossary).sort((a, b) => b.length - a.length)

const longestName = 60

/** A tag's name in a path for what a machine calls a value: known words in English, other Hangul by its sound. */
export function tagNameOf(name: string): string {
  const plain = name
    .replace(/\[[^\]]*\]|\([^)]*\)/g, " ")
    .normalize("NFC")
    .replace(/[가-힣]+/g, (word) => ` ${wordsOf(word)} `)
    .normalize("NFKD")
    .replace(/([a-z]{2}|\d)(?=[A-Z])/g, "$1-")
    .replace(/([A-Z])(?=[A-Z][a-z])/g, "$1-")
    .replace(/([A-Za-z]{2})(?=\d)/g, "$1-")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, longestName)
    .replace(/^-+|-+$/g, "")
  return plain || "value"
}

/** A name for each point that no other has: what is the same gets the names of its folders, then a number. */
export function tagNamesOf(points: readonly FoundPoint[]): string[] {
  const depths = Math.max(0, ...points.map(({ within = [] }) => within.length))
  let names = points.map(({ name }) => tagNameOf(name))
  for (let depth = 1; depth <= depths; depth++) {
    const twice = doubles(names)
    if (twice.size === 0) break
    names = names.map((name, i) => {
      const point = points[i]
      if (!point || !twice.has(name)) return name
      return tagNameOf([...(point.within ?? []).slice(-depth), point.name].join(" "))
    })
  }
  const used = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let n = 2; used.has(free); n++) free = `${name}-${n}`
    used.add(free)
    return free
  })
}

function doubles(names: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  return new Set(names.filter((name) => seen.has(name) || !seen.add(name)))
}

function wordsOf(hangul: string): string {
  const words: string[] = []
  let sounds = ""
  for (let at = 0; at < hangul.length; ) {
    const known = glossaryWords.find((word) => hangul.startsWith(word, at))
    if (!known) sounds += soundOf(hangul.charCodeAt(at++))
    else {
      words.push(sounds, glossary[known] ?? "")
      sounds = ""
      at += known.length
    }
  }
  return [...words, sounds].join(" ")
}

const initials = "g kk n d tt r m b pp s ss  j jj ch k t p h".split(" ")
const vowels = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")
const finals = " k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")

/** One syllable letter by letter (Revised Romanization of Korean, 2000), without the changes between syllables. */
function soundOf(code: number): string {
  const syllable = code - 0xac00
  const [initial, vowel, final] = [
    Math.floor(syllable / 588),
    Math.floor((syllable % 588) / 28),
    syllable % 28,
  ]
  return `${initials[initial]}${vowels[vowel]}${finals[final]}`
}
