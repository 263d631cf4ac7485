import {
  createJSONRPCErrorResponse,
  type JSONRPCErrorResponse,
  type JSONRPCResponse,
} from "json-rpc-2.0";
import { failure, type Failure } from "../domain/failure.ts";
import { failureCodes, rpcCodes } from "../protocol/error-codes.ts";
import type { RequestId } from "./in-flight.ts";

/** What goes back for one frame: an answer, a batch of them, or nothing for notifications. */
export type Response = JSONRPCResponse | JSONRPCResponse[];

/** An expected failure as JSON-RPC carries it: the reason, the remedy and the facts are in `data`. */
export function failed(
  id: RequestId,
  because: Failure,
  more: Readonly<Record<string, unknown>> = {},
): JSONRPCErrorResponse {
  const { reason, remedy, retryable, message, data, problems } = because;
  return createJSONRPCErrorResponse(id, failureCodes[reason], message, {
    ...data,
    ...(problems !== undefined && { problems }),
    ...more,
    reason,
    remedy,
    retryable,
  });
}

/** A breach of JSON-RPC itself. */
export function refused(
  id: RequestId,
  code: number,
  message: string,
  remedy: string,
): JSONRPCErrorResponse {
  const data = { reason: "invalid-request", remedy, retryable: false };
  return createJSONRPCErrorResponse(id, code, message, data);
}

/** A bug of ours; the log has the same incident with what happened. */
export function crashed(id: RequestId, incident: string): JSONRPCErrorResponse {
  return createJSONRPCErrorResponse(
    id,
    rpcCodes.internalError,
    `blutd made a mistake while answering; incident ${incident}`,
    {
      reason: "internal-error",
      remedy: `report it with the daemon's log lines that name ${incident}`,
      retryable: false,
      incident,
    },
  );
}

/** The same answers with every result replaced, for a frame that would be too large to send. */
export function tooLargeToSend(response: Response, frameBytes: number): Response {
  const because = failure(
    "invalid-request",
    `the answer would have more than the ${frameBytes} bytes of a frame`,
    "ask for less at once: a smaller limit, a narrower prefix, a smaller batch",
  );
  return Array.isArray(response)
    ? response.map(({ id }) => failed(id, because))
    : failed(response.id, because);
}
