import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failure } from "../../../daemon/domain/failure.ts";
import { err, ok } from "../../../daemon/domain/result.ts";
import { failureCodes, rpcCodes } from "../../../daemon/protocol/error-codes.ts";
import { wireLimits } from "../../../daemon/protocol/limits.ts";
import type { Call, Peer } from "../../../daemon/rpc/call.ts";
import { Dispatcher } from "../../../daemon/rpc/dispatch.ts";
import { InFlight } from "../../../daemon/rpc/in-flight.ts";
import { createMethod, type Method } from "../../../daemon/rpc/method.ts";
import { KeptLog } from "./kept-log.ts";
import type { Reply } from "./rig.ts";

const nobody: Peer = {
  notify: () => false,
  isClear: () => true,
  onClear: () => () => undefined,
  setFeed: () => undefined,
};

function rig(): {
  ask: (frame: unknown) => Promise<Reply & Reply[]>;
  log: KeptLog;
  calls: number[];
} {
  const log = new KeptLog();
  const calls: number[] = [];
  const never = Promise.withResolvers<never>();
  const nested = z.strictObject({ firstBytes: z.int().optional() }).default({});
  const methods: Method<number[]>[] = [
    createMethod(
      "sum.add",
      z.strictObject({ left: z.int(), right: z.int().default(1), memory: nested }),
      ({ left, right }, all) => {
        all.push(left + right);
        return ok(left + right);
      },
    ),
    createMethod("sum.fail", z.strictObject({}), () =>
      err(failure("queue-full", "no room", "wait", { retryable: true, data: { queued: 7 } })),
    ),
    createMethod("sum.throw", z.strictObject({}), () => {
      throw new Error("a secret detail");
    }),
    createMethod("sum.reject", z.strictObject({}), () => Promise.reject(new Error("later"))),
    createMethod("sum.never", z.strictObject({}), () => never.promise),
    createMethod("sum.starve", z.strictObject({}), () => {
      throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
    }),
  ];
  const dispatcher = new Dispatcher(methods, calls, log);
  const call: Call = {
    peer: nobody,
    inFlight: new InFlight(wireLimits.inFlight),
    signal: new AbortController().signal,
  };
  const ask = async (frame: unknown): Promise<Reply & Reply[]> =>
    (await dispatcher.receive(frame, call)) as unknown as Reply & Reply[];
  return { ask, log, calls };
}

const request = (method: string, params?: unknown, id: unknown = 1): Record<string, unknown> => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params === undefined ? {} : { params }),
});

describe("a request", () => {
  it("is answered with its result and its id", async () => {
    const { ask } = rig();
    expect(await ask(request("sum.add", { left: 2 }, "a"))).toEqual({
      jsonrpc: "2.0",
      id: "a",
      result: 3,
    });
  });

  it("without an id is carried out and not answered", async () => {
    const { ask, calls } = rig();
    const notice = { jsonrpc: "2.0", method: "sum.add", params: { left: 4 } };
    expect(await ask(notice)).toBeUndefined();
    expect(calls).toEqual([5]);
    for (const method of ["sum.nothing", "sum.fail", "sum.throw"]) {
      expect(await ask({ jsonrpc: "2.0", method })).toBeUndefined();
    }
  });

  it("that fails as expected carries the reason, the remedy and the facts", async () => {
    const { ask, log } = rig();
    expect(await ask(request("sum.fail"))).toEqual({
      jsonrpc: "2.0",
      id: 1,
      error: {
        code: failureCodes["queue-full"],
        message: "no room",
        data: { queued: 7, reason: "queue-full", remedy: "wait", retryable: true },
      },
    });
    expect(log.lines).toEqual([]);
  });

  it.each(["sum.throw", "sum.reject"])(
    "fault 42: whose method throws (%s) is answered with an incident that the log has too",
    async (method) => {
      const { ask, log } = rig();
      const { error } = await ask(request(method));
      expect(error?.code).toBe(rpcCodes.internalError);
      expect(error?.data?.["reason"]).toBe("internal-error");
      expect(JSON.stringify(error)).not.toContain("secret");
      expect(log.lines).toMatchObject([
        { level: "error", facts: { incident: error?.data?.["incident"], method } },
      ]);
      expect(await ask(request("sum.add", { left: 1 }))).toMatchObject({ result: 2 });
    },
  );

  it("fault 29: that finds no file descriptor is told to come again, and is no bug", async () => {
    const { ask, log } = rig();
    const { error } = await ask(request("sum.starve"));
    expect(error?.data).toMatchObject({ reason: "too-many-requests", retryable: true });
    expect(log.lines).toEqual([]);
  });
});

describe("bad input", () => {
  it.each([
    ["a number", 1],
    ["null", null],
    ["a nested batch", [[request("sum.add")]]],
    ["no jsonrpc", { id: 1, method: "sum.add" }],
    ["jsonrpc 1.0", { ...request("sum.add"), jsonrpc: "1.0" }],
    ["no method", { jsonrpc: "2.0", id: 1 }],
    ["a method that is a number", { jsonrpc: "2.0", id: 1, method: 1 }],
    ["a fractional id", request("sum.add", {}, 1.5)],
    ["an id past 2^53", request("sum.add", {}, 2 ** 53)],
    ["an id that is an object", request("sum.add", {}, {})],
    ["an id that is true", request("sum.add", {}, true)],
    ["params by position", request("sum.add", [1, 2])],
    ["params that are a text", request("sum.add", "1")],
    ["params that are null", request("sum.add", null)],
    ["an answer", { jsonrpc: "2.0", id: 1, result: 3 }],
  ])("of %s is an invalid request", async (_what, frame) => {
    const { ask, calls } = rig();
    const answer = await ask(frame);
    const first = (Array.isArray(answer) ? answer[0] : answer) as Reply;
    expect(first.error?.code).toBe(rpcCodes.invalidRequest);
    expect(first.error?.data).toMatchObject({ reason: "invalid-request" });
    expect(calls).toEqual([]);
  });

  it("of a stranger in the envelope names it and the nearest member", async () => {
    const { ask } = rig();
    const { error } = await ask({ ...request("sum.add"), param: {} });
    expect(error?.code).toBe(rpcCodes.invalidRequest);
    expect(error?.message).toContain("`param`; did you mean `params`?");
  });

  it("of an unknown method names the nearest", async () => {
    const { ask } = rig();
    const { error } = await ask(request("sum.ad"));
    expect(error?.code).toBe(rpcCodes.methodNotFound);
    expect(error?.message).toBe("there is no method `sum.ad`; did you mean `sum.add`?");
    for (const method of ["constructor", "__proto__", "toString", "x".repeat(1_000_000)]) {
      const answer = await ask(request(method));
      expect(answer.error?.code).toBe(rpcCodes.methodNotFound);
      expect(answer.error?.message.length).toBeLessThan(200);
    }
  });

  it("of parameters lists every problem with its path and the nearest name", async () => {
    const { ask, calls } = rig();
    const params = { lefft: 1, right: "x", memory: { firstByte: 2 }, constructor: 1 };
    const { error } = await ask(request("sum.add", params));
    expect(error?.code).toBe(rpcCodes.invalidParams);
    expect(error?.data).toMatchObject({ reason: "invalid-request", left: 0 });
    expect(error?.data?.["problems"]).toEqual(
      expect.arrayContaining([
        { field: "left", message: "is missing: expected a number" },
        { field: "right", message: "expected a number" },
        { field: "memory.firstByte", message: "unknown parameter; did you mean `firstBytes`?" },
        { field: "lefft", message: "unknown parameter; did you mean `left`?" },
        { field: "constructor", message: "unknown parameter" },
      ]),
    );
    expect(error?.message).toMatch(/^sum\.add: .* and 4 more$/);
    expect(calls).toEqual([]);
  });

  it("of 10^5 unknown parameters is answered with a short list and a count", async () => {
    const { ask } = rig();
    const entries = Array.from({ length: 100_000 }, (_, i) => [`p${i}`, 1]);
    const { error } = await ask(request("sum.add", Object.fromEntries(entries)));
    expect(JSON.stringify(error).length).toBeLessThan(10_000);
    expect(Number(error?.data?.["left"])).toBeGreaterThan(99_900);
  });

  it("of an id that is still unanswered is refused without using that id", async () => {
    const { ask, calls } = rig();
    void ask(request("sum.never", {}, "same"));
    const answer = await ask(request("sum.add", { left: 1 }, "same"));
    expect(answer).toMatchObject({ id: null, error: { code: rpcCodes.invalidRequest } });
    expect(answer.error?.message).toContain('"same"');
    expect(calls).toEqual([]);
  });

  it("of more requests than may be unanswered is refused and may be tried again", async () => {
    const { ask } = rig();
    for (let id = 0; id < wireLimits.inFlight; id++) void ask(request("sum.never", {}, id));
    const { error } = await ask(request("sum.add", { left: 1 }, "one more"));
    expect(error?.data).toMatchObject({ reason: "too-many-requests", retryable: true });
  });
});

describe("a batch", () => {
  it("is answered as an array, of one too, without its notifications", async () => {
    const { ask } = rig();
    expect(await ask([request("sum.add", { left: 1 }, 7)])).toEqual([
      { jsonrpc: "2.0", id: 7, result: 2 },
    ]);
    const mixed = [request("sum.add", { left: 1 }, 1), { jsonrpc: "2.0", method: "sum.fail" }, 3];
    expect(await ask(mixed)).toMatchObject([{ id: 1, result: 2 }, { error: { code: -32600 } }]);
    expect(await ask([{ jsonrpc: "2.0", method: "sum.fail" }])).toBeUndefined();
  });

  it.each([0, wireLimits.batch + 1, 100_000])("of %d requests is refused whole", async (size) => {
    const { ask, calls } = rig();
    const answer = await ask(Array.from({ length: size }, () => request("sum.add", { left: 1 })));
    expect(answer).toMatchObject({ id: null, error: { code: rpcCodes.invalidRequest } });
    expect(calls).toEqual([]);
  });
});
