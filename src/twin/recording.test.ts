import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { readRecording } from "../codec/recording.ts"
import { planOf } from "./recording.ts"

function recording(file: string, ...lines: string[]) {
  return readRecording(new TextEncoder().encode(lines.join("\n")), file, "Asia/Seoul")
}

suite("the plan of recorded machines", () => {
  test("files of one mould are one machine, in the order of their first times", () => {
    const plan = planOf([
      recording("data/test_group_8722.csv", "datetime,a", "2019-02-01 00:00:00,1"),
      recording(
        "data/train_group_8722.csv",
        "datetime,a",
        "2019-01-01 00:00:00,1",
        "2019-01-02 00:00:00,2",
      ),
      recording("data/train_group_8412.csv", "datetime,a", "2019-01-01 00:00:00,1"),
    ])
    assert.deepEqual(
      plan.map(({ mould, rows, recordings }) => [mould, rows, recordings.map(({ file }) => file)]),
      [
        ["8412", 1, ["data/train_group_8412.csv"]],
        ["8722", 3, ["data/train_group_8722.csv", "data/test_group_8722.csv"]],
      ],
    )
    assert.equal(plan[1]?.address, "nsu=urn:moru:recording;s=8722.Shots")
  })

  test("every column but those that say when is a field, under a name of the house", () => {
    const [machine] = planOf([
      recording(
        "x_group_1.csv",
        "id,date,time,datetime,EMS_operation_time,facility_operation_cycleTime,금형,Cast Pressure,cast_pressure",
        "1,2019-01-01,00:00:00,2019-01-01 00:00:00,6,120,가,330,331",
      ),
    ])
    assert.deepEqual(
      machine?.fields.map(({ name, column, kind }) => [name, column, kind]),
      [
        ["ems-operation-time", "EMS_operation_time", "number"],
        ["facility-operation-cycle-time", "facility_operation_cycleTime", "number"],
        ["field-1", "금형", "text"],
        ["cast-pressure", "Cast Pressure", "number"],
        ["cast-pressure-2", "cast_pressure", "number"],
      ],
    )
  })

  test("a column of numbers with a wrong cell stays one of numbers, and says that it is mixed", () => {
    const [machine] = planOf([
      recording(
        "x_group_1.csv",
        "datetime,a,b",
        "2019-01-01 00:00:00,1,1",
        "2019-01-01 00:02:00,three,",
        "2019-01-01 00:04:00,3,3",
      ),
    ])
    assert.deepEqual(
      machine?.fields.map(({ name, kind, isMixed }) => [name, kind, isMixed]),
      [
        ["a", "number", true],
        ["b", "number", false],
      ],
    )
  })

  test("a column that one of the files lacks is a field all the same", () => {
    const [machine] = planOf([
      recording("x_group_1.csv", "datetime,a", "2019-01-01 00:00:00,1"),
      recording("y_group_1.csv", "datetime,a,b", "2019-02-01 00:00:00,1,2"),
    ])
    assert.deepEqual(
      machine?.fields.map(({ name }) => name),
      ["a", "b"],
    )
  })

  test("a file named otherwise is a mould of its own", () => {
    const [machine] = planOf([
      recording("C:\\rec\\press 7.csv", "datetime,a", "2019-01-01 00:00:00,1"),
    ])
    assert.equal(machine?.mould, "press 7")
    assert.equal(machine?.name, "press-7")
  })
})
