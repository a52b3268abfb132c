import { type Static, Type } from "typebox"

export const replayOptions = Type.Object(
  {
    files: Type.String({
      minLength: 1,
      description:
        "CSV files, by a path with * in the file name; relative to the plant's folder. Read in the order of their names.",
      expected: "a path such as recordings/*.csv",
    }),
    zone: Type.String({
      default: "Asia/Seoul",
      description: "Time zone of the times in the files (IANA name).",
    }),
    speed: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal("max")], {
      default: 1,
      description:
        "How many times as fast as recorded the rows come, in plant time; max waits for nothing.",
      expected: "a number above 0 or max",
    }),
    columns: Type.Record(Type.String(), Type.String(), {
      default: {},
      description: "Other names for columns: address of a field or point -> header in the files.",
      expected: "names, each with the header that it stands for",
    }),
  },
  { additionalProperties: false },
)

export type ReplayOptions = Static<typeof replayOptions>
