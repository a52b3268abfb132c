/** Milliseconds since 1970-01-01 UTC; fractions are allowed. Lengths of time end their name with `Ms`. */
export type Instant = number
