import manifest from "../../package.json" with { type: "json" }

/** Moru's own version. */
export const version: string = manifest.version
