import { type Static, Type } from "typebox"
import { durationText } from "../../kernel/tag-file.ts"

const header = Type.String({ minLength: 1 })

export const fileOptions = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      description:
        "Folder into which files are dropped; relative to the plant's folder or absolute.",
      expected: "a folder such as drop/leak-tester",
    }),
    pattern: Type.String({
      default: "*.csv",
      pattern: "^[^/\\\\]+$",
      description: "Which files: `*` stands for any characters. CSV and Excel .xlsx are read.",
      expected: "a file's name with *, such as result-*.xlsx",
    }),
    sheet: Type.Optional(
      Type.String({
        minLength: 1,
        description: "Worksheet of Excel files; the first visible one where absent.",
      }),
    ),
    skip: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 1000,
      description: "Rows with anything in them that stand before the header.",
      expected: "a whole number from 0 to 1000",
    }),
    time: Type.Union([header, Type.Array(header, { minItems: 1, maxItems: 2 })], {
      description: "Header of the column with each row's time, or of two: [date, time].",
      expected: "a header, or [header of the date, header of the time]",
    }),
    zone: Type.String({
      default: "Asia/Seoul",
      description: "Time zone of times that name no offset (IANA name).",
    }),
    period: durationText({
      default: "5s",
      description: "How often the folder is looked through (plant time).",
    }),
    settle: durationText({
      default: "5s",
      description: "A file is finished when its size and time of change stood still for so long.",
    }),
  },
  { additionalProperties: false },
)

export type FileOptions = Static<typeof fileOptions>
