/*
 * InfluxDB's line protocol: `measurement,tag=value field=21.5,other=3i 1767225600000000000`, one line for each time. Bytes to
 * columns; see docs.influxdata.com, "Line protocol reference" (InfluxDB OSS v2).
 */
export { LineReader, type LineReport } from "./line-protocol/reader.ts"
export { fieldKind } from "./line-protocol/rows.ts"
export { type Series, seriesOf, seriesText } from "./line-protocol/series.ts"
export { type Precision, precisions } from "./line-protocol/times.ts"
