import type { MachineKind } from "../../machine.ts"
import { type RecordingOptions, recordingOptions } from "../../options.ts"

export const recording: MachineKind = {
  kind: "recording",
  summary:
    "Recorded shots from CSV files, served from OPC UA rings: one ring a mould. Cannot be written.",
  options: recordingOptions,
  faults: [],
  start: async (options, context) => {
    const { startRecording } = await import("./run.ts")
    return startRecording(options as RecordingOptions, context)
  },
}
