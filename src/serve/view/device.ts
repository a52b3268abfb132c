import type { DeviceHealth } from "../../connect/connector.ts"
import type { DeviceView } from "../api.ts"

export function deviceViewOf(health: DeviceHealth): DeviceView {
  return { ...health }
}
