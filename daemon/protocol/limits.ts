/** Caps of the wire. Each has a stated answer when it is passed; see ARCHITECTURE.md, "Bounds". */
export const wireLimits = {
  /** Largest frame read or written, newline included. */
  frameBytes: 4 * 1024 ** 2,
  /** Requests in one JSON-RPC batch. */
  batch: 100,
  /** Requests of one connection that may be unanswered at once. */
  inFlight: 256,
  /** Requests of all connections together that may be unanswered at once. */
  openRequests: 20_000,
  /** Bytes queued towards one client before it is cut off. */
  backlogBytes: 8 * 1024 ** 2,
  connections: 1200,
  /** Log bytes answered by one `run.log`. */
  logPageBytes: 512 * 1024,
  /** Rows answered by one list. */
  page: 1000,
  /** Ids in one call. */
  selectors: 1000,
  /** Longest a call may wait for something to happen before it answers with what is, in ms. */
  waitMs: 60_000,
} as const;

/** Caps of what may be submitted. */
export const submitLimits = {
  args: 10_000,
  /** Linux refuses a single argument or variable of 128 KiB (MAX_ARG_STRLEN). */
  argBytes: 128 * 1024 - 1,
  argvBytes: 1024 ** 2,
  environmentBytes: 256 * 1024,
  pathBytes: 4095,
  /** Runs waiting at once. */
  queued: 1_000_000,
} as const;

/** Caps of a plan, whoever wrote or compiled it. */
export const planLimits = {
  steps: 20_000,
  /** Needs and inputs of one step. */
  needs: 20_000,
  inputs: 256,
} as const;
