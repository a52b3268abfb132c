import type { StorageConfig } from "../../model/plant.ts"
import { parseAge, parseBudget, type StorageFile } from "../storage-file.ts"
import { type Entry, entryAt, type Problems } from "./entry.ts"

const tiers = ["raw", "minutes", "hours"] as const

const smallestBudget = 50_000_000

/** What the plant's files say about keeping samples, with what cannot be meant told as problems. */
export function storageOf(file: StorageFile, root: Entry, problems: Problems): StorageConfig {
  const entry = entryAt(root, "storage")
  const budget = parseBudget(file.budget)
  const fits =
    "bytes" in budget ? budget.bytes >= smallestBudget : budget.share > 0 && budget.share <= 1
  if (!fits) {
    const what = `budget, got "${file.budget}", expected at least 50 MB, or above 0 to 100 %`
    problems.add("config-invalid", entryAt(entry, "budget").place, what)
  }
  file.retention.forEach((rule, i) => {
    const at = entryAt(entry, "retention", i)
    tiers.forEach((tier, t) => {
      const finer = tiers.slice(0, t).findLast((other) => rule[other] !== undefined)
      const [own, before] = [rule[tier], finer && rule[finer]]
      if (own === undefined || before === undefined || parseAge(own) >= parseAge(before)) return
      const what = `${tier}, got "${own}", expected at least the "${before}" of ${finer}`
      problems.add("config-invalid", entryAt(at, tier).place, what)
    })
    if (rule.raw === undefined && (rule.minutes ?? rule.hours) !== undefined) {
      const what = `raw, got none, expected a length of time: summaries stand in for samples that are gone`
      problems.add("config-invalid", at.place, what)
    }
    const first = file.retention.findIndex(({ tags }) => tags === rule.tags || tags === "**")
    if (first < i) {
      const what = `tags, got "${rule.tags}" after "${file.retention[first]?.tags}", expected it before: the first that matches holds`
      problems.add("config-invalid", entryAt(at, "tags").place, what)
    }
  })
  return {
    budget,
    retention: file.retention.map(({ tags, raw, minutes, hours }) => ({
      tags,
      rawMs: ageOf(raw),
      minutesMs: ageOf(minutes),
      hoursMs: ageOf(hours),
    })),
  }
}

function ageOf(text: string | undefined): number {
  return text === undefined ? Number.POSITIVE_INFINITY : parseAge(text)
}
