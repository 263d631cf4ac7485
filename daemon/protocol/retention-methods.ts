import * as retention from "./schemas/retention.ts";

/** What is kept and what goes: a part of the table of methods. */
export const retentionMethods = {
  "run.pin": {
    summary: "Keep runs for good, with their logs and the artifacts they made",
    params: retention.pinParams,
    result: retention.pinResult,
  },
  "run.unpin": {
    summary: "Let pinned runs go again when their time comes",
    params: retention.pinParams,
    result: retention.pinResult,
  },
  "retention.collect": {
    summary: "Collect runs, logs, events and artifacts that are kept no longer; or say which",
    params: retention.collectParams,
    result: retention.collectResult,
  },
} as const;
