import type { Limit, LimitSide, Priority } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"

/** What is known of a column of die-casting loggers beside its cells; an unknown column goes by its own name. */
export interface KnownColumn {
  readonly name: Text
  readonly unit: string
  readonly limits?: readonly Limit[]
}

/** By the field's name in the house. */
export const knownColumns: Readonly<Record<string, KnownColumn>> = {
  "molten-volume": column("Molten metal volume", "용탕 부피", "1"),
  count: column("Shot count", "타수", "{shot}"),
  working: column("State", "상태", "1"),
  "molten-temp": column("Molten metal temperature", "용탕 온도", "Cel", [limit("low", 650, 2)]),
  "facility-operation-cycle-time": column("Cycle time of the machine", "설비 사이클 타임", "s"),
  "production-cycletime": column("Cycle time", "사이클 타임", "s"),
  "low-section-speed": column("Low section speed", "저속 구간 속도", "cm/s"),
  "high-section-speed": column("High section speed", "고속 구간 속도", "cm/s"),
  "cast-pressure": column("Cast pressure", "주조 압력", "bar", [limit("low", 250, 2)]),
  "biscuit-thickness": column("Biscuit thickness", "비스킷 두께", "mm", [limit("high", 100, 3)]),
  "upper-mold-temp1": column("Die temperature upper 1", "상형 온도 1", "Cel", [
    limit("high", 330, 2),
  ]),
  "upper-mold-temp2": column("Die temperature upper 2", "상형 온도 2", "Cel", [
    limit("high", 330, 2),
  ]),
  "lower-mold-temp1": column("Die temperature lower 1", "하형 온도 1", "Cel", [
    limit("high", 380, 2),
  ]),
  "lower-mold-temp2": column("Die temperature lower 2", "하형 온도 2", "Cel", [
    limit("high", 380, 2),
  ]),
  "sleeve-temperature": column("Sleeve temperature", "슬리브 온도", "Cel"),
  "physical-strength": column("Clamping force", "형체력", "1"),
  "coolant-temperature": column("Coolant temperature", "냉각수 온도", "Cel", [
    limit("high", 42, 3),
  ]),
  "tryshot-signal": column("Trial shot signal", "시험 타 신호", "1"),
  "ems-operation-time": column("Stirring time", "전자교반 시간", "s"),
  "mold-code": column("Mould", "금형", "1"),
  passorfail: column("Verdict", "판정", "1"),
}

/** Fields whose drift is looked for, as far as a recording has them. */
export const watchedFields = [
  "upper-mold-temp1",
  "upper-mold-temp2",
  "lower-mold-temp1",
  "lower-mold-temp2",
  "cast-pressure",
  "biscuit-thickness",
] as const

function column(en: string, ko: string, unit: string, limits: readonly Limit[] = []): KnownColumn {
  return { name: { en, ko }, unit, limits }
}

function limit(side: LimitSide, at: number, priority: Priority): Limit {
  const deadband = Math.abs(at) * 0.02
  return { side, at, priority, deadband, onDelayMs: 0, offDelayMs: 0, suppressedIn: [] }
}
