import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { failureCodes, rpcCodes } from "../../../daemon/protocol/error-codes.ts";
import { encodeFrame } from "../../../daemon/protocol/framing.ts";
import { methods, type MethodName } from "../../../daemon/protocol/methods.ts";
import { eventNotice, gapNotice } from "../../../daemon/protocol/schemas/event.ts";
import type { FailureReason } from "../../../daemon/protocol/units.ts";

/** What clients in other languages send and are sent; the Python package is tested on the same lines. */
interface Exchanges {
  readonly requests: readonly {
    readonly method: MethodName;
    readonly params: unknown;
    readonly line: string;
  }[];
  readonly answers: readonly {
    readonly name: string;
    readonly method?: MethodName;
    readonly result?: unknown;
    readonly refusal?: { readonly reason: FailureReason };
    readonly line: string;
  }[];
  readonly notices: readonly { readonly name: string; readonly line: string }[];
}

const file = new URL("../../data/wire/exchanges.json", import.meta.url);
const exchanges = JSON.parse(readFileSync(file, "utf8")) as Exchanges;

describe("the exchanges that clients are tested on", () => {
  it.each(exchanges.requests)("$method: the request is one that is taken", (request) => {
    const frame = JSON.parse(request.line) as { method: string; params: unknown };
    expect(frame).toEqual({
      jsonrpc: "2.0",
      id: 1,
      method: request.method,
      params: request.params,
    });
    expect(methods[request.method].params.safeParse(frame.params).error).toBeUndefined();
    expect(encodeFrame(frame)).toBe(`${request.line}\n`);
  });

  it.each(exchanges.answers)("$name: the answer is one that is given", (answer) => {
    const frame = JSON.parse(answer.line) as { result?: unknown; error?: { code: number } };
    if (answer.method !== undefined) {
      expect(methods[answer.method].result.safeParse(frame.result).error).toBeUndefined();
      expect(frame.result).toEqual(answer.result);
    }
    const reason = answer.refusal?.reason;
    const codes =
      reason === undefined ? [undefined] : [failureCodes[reason], rpcCodes.invalidRequest];
    expect(codes).toContain(frame.error?.code);
  });

  it.each(exchanges.notices)("$name: the notice is one that is sent", ({ line }) => {
    const { method, params } = JSON.parse(line) as { method: string; params: unknown };
    const schema = method === "events.gap" ? gapNotice : eventNotice;
    expect(["events.event", "events.gap"]).toContain(method);
    expect(schema.safeParse(params).error).toBeUndefined();
  });
});
