import type { FailureReason } from "../domain/failure.ts";

/** JSON-RPC's own codes. */
export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
} as const;

/** The one table from failure reason to JSON-RPC error code; `error.data.reason` carries the word. */
export const failureCodes: Readonly<Record<FailureReason, number>> = {
  "invalid-request": rpcCodes.invalidParams,
  "not-found": -32001,
  ambiguous: -32002,
  "wrong-state": -32003,
  "never-fits": -32004,
  "dedupe-conflict": -32005,
  "queue-full": -32006,
  "storage-full": -32007,
  "storage-failed": -32008,
  "database-corrupt": -32009,
  "database-newer": -32010,
  "sqlite-unsafe": -32011,
  "state-in-use": -32012,
  "state-unsafe": -32013,
  "invalid-config": -32014,
  "containment-unavailable": -32015,
  "could-not-start": -32016,
  "socket-unusable": -32017,
  "too-many-requests": -32018,
  "slow-reader": -32019,
  "invalid-plan": -32020,
  "invalid-recipe": -32021,
  "cookbook-failed": -32022,
  "bad-input": -32023,
  "bad-output": -32024,
};
