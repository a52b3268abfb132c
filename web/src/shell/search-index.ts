import { convertQwertyToHangul, getChoseong } from "es-hangul"
import type { Text } from "../../../src/model/text.ts"
import type { PlantView } from "../../../src/serve/api.ts"

export interface Found {
  readonly kind: "page" | "equipment" | "tag"
  readonly text: Text
  /** Where it stands, for telling equal names apart. */
  readonly where: string
  readonly path: string
}

const initials = /^[ㄱ-ㅎ\s]+$/

/**
 * Places whose name in either language or path holds all words asked for. Initial consonants alone find Korean
 * names (`ㅅㅎ` finds 상형), and so does Korean typed with the keyboard on English.
 */
export function findPlaces(all: readonly Found[], asked: string, limit: number): readonly Found[] {
  const wanted = asked.trim().toLowerCase()
  if (wanted === "") return all.filter((each) => each.kind !== "tag").slice(0, limit)
  const hangul = /^[a-z\s]+$/i.test(asked) ? convertQwertyToHangul(asked.trim()) : wanted
  const scored = all.flatMap((each) => {
    const score = Math.max(scoreOf(each, wanted), hangul === wanted ? 0 : scoreOf(each, hangul) - 1)
    return score > 0 ? [{ each, score }] : []
  })
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ each }) => each)
}

function scoreOf(place: Found, wanted: string): number {
  const names = [place.text.en, place.text.ko ?? "", place.path].map((each) => each.toLowerCase())
  const closer = place.kind === "tag" ? 0 : 2
  if (names.some((each) => each.startsWith(wanted))) return 20 + closer
  const words = wanted.split(/\s+/)
  const everywhere = `${names.join(" ")} ${place.where.toLowerCase()}`
  if (words.every((word) => everywhere.includes(word))) return 10 + closer
  if (!initials.test(wanted)) return 0
  const first = getChoseong(place.text.ko ?? "").replaceAll(" ", "")
  return first.includes(wanted.replaceAll(" ", "")) ? 8 + closer : 0
}

export function placesOf(plant: PlantView, pages: readonly Found[]): readonly Found[] {
  const nameOf = new Map(plant.equipment.map((each) => [each.path, each.name]))
  const where = (path: string) => {
    const name = nameOf.get(path)
    return name ? `${name.ko ?? ""} ${name.en}` : ""
  }
  return [
    ...pages,
    ...plant.equipment
      .filter((each) => each.device !== undefined || each.type !== undefined)
      .map((each): Found => {
        const above = each.path.slice(0, each.path.lastIndexOf("/"))
        return { kind: "equipment", text: each.name, where: where(above), path: each.path }
      }),
    ...plant.tags.map(
      (tag): Found => ({
        kind: "tag",
        text: tag.name,
        where: where(tag.equipment),
        path: tag.path,
      }),
    ),
  ]
}
