/**
 * Every failure that a user can meet has a code in this table; `docs/reference/problems.md` is made from it
 * and a test keeps both equal. `retry` says whether the same call may succeed later without a change.
 */
export const problems = {
  "path-invalid": { retry: false, hint: "A path is names joined by /, each of a-z, 0-9, - and _." },
  "option-invalid": {
    retry: false,
    hint: "Compare it with --help, or with its page in docs/reference.",
  },
  "config-unreadable": {
    retry: false,
    hint: "Check that the file exists, is UTF-8 and may be read by this user.",
  },
  "config-syntax": {
    retry: false,
    hint: "Mend the YAML at the line named; indentation is two spaces, never tabs.",
  },
  "config-invalid": { retry: false, hint: "Compare the entry with docs/reference/plant.md." },
  "config-unknown-key": { retry: false, hint: "Correct the spelling or remove the key." },
  "config-duplicate": { retry: false, hint: "Give each thing one definition." },
  "config-missing-secret": {
    retry: false,
    hint: "Set the environment variable or write the file that is named.",
  },
  "config-unsafe-change": {
    retry: false,
    hint: "Stop Moru, change the file and start it again, or undo the change.",
  },
  "config-outdated": {
    retry: true,
    hint: "Somebody else changed the file meanwhile: look at it as it is now, then repeat.",
  },
  "config-waits": {
    retry: false,
    hint: "An engineer confirms the change under Settings, or undo it in the file.",
  },
  "connection-refused": {
    retry: true,
    hint: "Check that the machine is on, the address is right and no firewall stands between.",
  },
  "connection-lost": {
    retry: true,
    hint: "Check the cable and the machine; Moru connects again by itself.",
  },
  "connection-timeout": {
    retry: true,
    hint: "Check that the machine answers on the address within the time-out.",
  },
  "address-forbidden": {
    retry: false,
    hint: "Correct the address, or allow its range under `network` in the plant's files.",
  },
  "protocol-error": {
    retry: true,
    hint: "Check that the address is of a machine that speaks this protocol, and its version.",
  },
  "certificate-untrusted": {
    retry: true,
    hint: "An engineer compares the fingerprint with the machine's and trusts it under Connect.",
  },
  "certificate-refused": {
    retry: false,
    hint: "Name the authority that signed the certificate in the option `ca`, and check that it is valid for this address.",
  },
  "duplicate-sender": {
    retry: false,
    hint: "Find the second one and stop it, or give each sender a name and a client id of its own; Moru looks again each minute.",
  },
  "credentials-refused": {
    retry: false,
    hint: "Check the user name and the password in the device's options.",
  },
  "centre-unreachable": {
    retry: true,
    hint: "Check the line, the address `to` of the edge and that the central Moru runs; nothing is lost meanwhile, the edge keeps it.",
  },
  "edge-refused": {
    retry: true,
    hint: "An administrator makes a key with `moru edge key` at the centre and puts it on the edge's computer.",
  },
  "edge-silent": {
    retry: true,
    hint: "Check that the edge's computer is on and reaches this Moru; what it measures meanwhile comes later.",
  },
  "edge-full": {
    retry: false,
    hint: "Raise `budget` of the edge in the plant's files, or mend the line sooner; the gaps say what is missing.",
  },
  "edge-clock": {
    retry: true,
    hint: "Let both computers take their time from the same server (NTP).",
  },
  "table-cell-wrong": {
    retry: false,
    hint: "Correct the cell and read the table again; an empty cell leaves things as they are.",
  },
  "table-unreadable": {
    retry: false,
    hint: "Save it again as CSV in UTF-8 or as Excel .xlsx without a password, within the limit that is named.",
  },
  "point-unknown": {
    retry: false,
    hint: "Browse the machine and correct the address of the point.",
  },
  "value-refused": {
    retry: false,
    hint: "Correct the value at its source; the rest of the record was stored.",
  },
  "time-implausible": {
    retry: false,
    hint: "Check the clock of the machine; the value was kept apart.",
  },
  overflow: { retry: false, hint: "Raise the queue size of the device or lower its rate." },
  "write-unsupported": {
    retry: false,
    hint: "This device cannot be written; carry the change out at the machine.",
  },
  "write-failed": { retry: false, hint: "Read the machine's present value before trying again." },
  "history-corrupt": {
    retry: false,
    hint: "Restore the data folder from a backup; run moru doctor to see the extent.",
  },
  "store-failed": {
    retry: true,
    hint: "Check free disk space and that only one Moru uses the data folder.",
  },
  "storage-full": {
    retry: true,
    hint: "Free space on the disk, raise `storage.budget` or shorten `storage.retention`; Moru goes on by itself.",
  },
  "backup-damaged": {
    retry: false,
    hint: "Use another backup; moru verify says what is wrong with this one.",
  },
  "data-unwritable": {
    retry: false,
    hint: "Let this user write in the data folder and leave space there, or name another with --data.",
  },
  "data-locked": {
    retry: true,
    hint: "Stop the other Moru that uses this data folder, or name another with --data.",
  },
  "ledger-broken": {
    retry: false,
    hint: "Keep the data folder as it is, and compare it with the last exported head.",
  },
  "port-taken": {
    retry: true,
    hint: "Stop the program that uses the port, or name another: --port for the screens, the plant's files for a simulated machine.",
  },
  "not-found": {
    retry: false,
    hint: "Check the address; what you look for may have been renamed.",
  },
  "query-refused": {
    retry: false,
    hint: "Ask one SELECT over the tables `samples` and `cycles`; docs/how-to/take-data-out.md shows how.",
  },
  "query-too-large": {
    retry: false,
    hint: "Ask for fewer tags or a shorter time, or let the query filter and aggregate more.",
  },
  "part-missing": {
    retry: false,
    hint: "Install the optional part where Moru stands: npm install @duckdb/node-api. All else works without it.",
  },
  "request-invalid": { retry: false, hint: "Compare the request with /api/openapi.json." },
  "sign-in-needed": { retry: false, hint: "Sign in, then repeat." },
  "sign-in-refused": { retry: false, hint: "Check the name and the password." },
  "right-missing": { retry: false, hint: "Ask an administrator for the role that may do this." },
  "too-many-requests": { retry: true, hint: "Wait a minute, then try again." },
  "decision-closed": {
    retry: false,
    hint: "The decision was already decided or has expired; look at its present state.",
  },
  "automatic-stopped": {
    retry: false,
    hint: "All automatic action is stopped; an engineer switches it on again.",
  },
  "read-only": {
    retry: false,
    hint: "This Moru is read-only; sign in as somebody who may change things.",
  },
  unexpected: { retry: false, hint: "This is a defect of Moru; please report it with the log." },
} as const satisfies Record<string, { readonly retry: boolean; readonly hint: string }>

export type ProblemCode = keyof typeof problems

/** A failure that is expected to happen in operation. Programmer errors are assertions instead. */
export class Problem extends Error {
  override readonly name = "Problem"
  readonly code: ProblemCode
  /** The place: a file with line and column, a device, a path, a route. */
  readonly where: string
  /** What was got and what was expected, without the place. */
  readonly what: string

  constructor(code: ProblemCode, where: string, what: string, options?: { cause?: unknown }) {
    super(`${where}: ${what}`, options)
    this.code = code
    this.where = where
    this.what = what
  }

  get retry(): boolean {
    return problems[this.code].retry
  }

  get hint(): string {
    return problems[this.code].hint
  }
}

/** Turns anything thrown into a Problem, so that a person reads a place and a remedy. */
export function problemOf(thrown: unknown, where: string): Problem {
  if (thrown instanceof Problem) return thrown
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  return new Problem("unexpected", where, what, { cause: thrown })
}
