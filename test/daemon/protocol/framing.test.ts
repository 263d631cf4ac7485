import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { encodeFrame, FrameDecoder, type FrameEvent } from "../../../daemon/protocol/framing.ts";
import { rpcCodes } from "../../../daemon/protocol/error-codes.ts";
import { wireLimits } from "../../../daemon/protocol/limits.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (...chunks: readonly Uint8Array[]): FrameEvent[] => {
  const decoder = new FrameDecoder();
  return chunks.flatMap((chunk) => decoder.push(chunk));
};
const broken = (code: number, close: boolean): unknown =>
  expect.objectContaining({ kind: "broken", code, close });
const refusedAndClosed = [broken(rpcCodes.invalidRequest, true)];

describe("frames", () => {
  it("come out the same however the bytes are cut", () => {
    const value = fc.jsonValue({ maxDepth: 6 }).filter((v) => !JSON.stringify(v).includes("__pro"));
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 5 }),
        fc.array(fc.nat(40), { minLength: 1 }),
        (all, cuts) => {
          const text = all.map((one) => `${JSON.stringify(one)}\n`).join("");
          const whole = bytes(text);
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < whole.length;) {
            const next = at + 1 + (cuts[chunks.length % cuts.length] ?? 0);
            chunks.push(whole.subarray(at, next));
            at = next;
          }
          const expected = all.map((one) => ({
            kind: "frame",
            value: JSON.parse(JSON.stringify(one)) as unknown,
          }));
          expect(decode(...chunks)).toEqual(expected);
        },
      ),
    );
  });

  it("round-trip through the encoder", () => {
    const frame = encodeFrame({ text: "a\nb\u0000\u2028é", n: [1, null] });
    expect(decode(bytes(frame ?? ""))).toEqual([
      { kind: "frame", value: { text: "a\nb\u0000\u2028é", n: [1, null] } },
    ]);
  });

  it("larger than the limit are never encoded", () => {
    expect(encodeFrame("x".repeat(wireLimits.frameBytes))).toBeUndefined();
    expect(encodeFrame("é".repeat(wireLimits.frameBytes / 2))).toBeUndefined();
    expect(encodeFrame("x".repeat(wireLimits.frameBytes - 3))).toHaveLength(wireLimits.frameBytes);
  });

  it("are not made of blank lines", () => {
    expect(decode(bytes("\n\r\n  \n1\r\n\n"))).toEqual([{ kind: "frame", value: 1 }]);
  });
});

describe("bad input", () => {
  it("of a frame of exactly the cap is taken, and one byte more is refused and closed", () => {
    const fitting = bytes(`"${"x".repeat(wireLimits.frameBytes - 3)}"\n`);
    expect(decode(fitting)).toMatchObject([{ kind: "frame" }]);
    const tooLong = bytes(`"${"x".repeat(wireLimits.frameBytes - 2)}"\n`);
    expect(decode(tooLong)).toEqual(refusedAndClosed);
    expect(decode(tooLong.subarray(0, 5_000), tooLong.subarray(5_000))).toEqual(refusedAndClosed);
  });

  it("with no newline for ever is refused at the cap, and what follows is swallowed", () => {
    const decoder = new FrameDecoder();
    const chunk = new Uint8Array(64 * 1024).fill(0x20);
    const events: FrameEvent[] = [];
    for (let i = 0; i < 200; i++) {
      events.push(...decoder.push(chunk));
      expect(decoder.pendingBytes).toBeLessThan(wireLimits.frameBytes);
    }
    expect(events).toEqual(refusedAndClosed);
    expect(decoder.push(bytes("1\n"))).toEqual([]);
    expect(decoder.pendingBytes).toBe(0);
  });

  it("with a NUL byte is refused and closed", () => {
    expect(decode(bytes('{"a":1}\0\n'))).toEqual(refusedAndClosed);
  });

  it.each([
    ["cut in a character", [0x22, 0xc3, 0x22, 0x0a]],
    ["with an overlong form", [0x22, 0xc0, 0x80, 0x22, 0x0a]],
    ["with an encoded surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22, 0x0a]],
  ])("of UTF-8 %s is refused and closed", (_what, raw) => {
    expect(decode(Uint8Array.from(raw))).toEqual(refusedAndClosed);
  });

  it("with a lone surrogate as an escape is refused and closed", () => {
    expect(decode(bytes('{"a":"\\ud800"}\n'))).toEqual(refusedAndClosed);
    expect(decode(bytes('{"\\udc00":1}\n'))).toEqual(refusedAndClosed);
    expect(decode(bytes('"\\ud83d\\ude00"\n'))).toMatchObject([{ kind: "frame", value: "😀" }]);
  });

  it("of 10^5 nested brackets is refused and closed before anything is parsed", () => {
    expect(decode(bytes(`${"[".repeat(100_000)}${"]".repeat(100_000)}\n`))).toEqual(
      refusedAndClosed,
    );
    expect(decode(bytes(`${"[".repeat(64)}${"]".repeat(64)}\n`))).toMatchObject([
      { kind: "frame" },
    ]);
    expect(decode(bytes(`${"[".repeat(65)}${"]".repeat(65)}\n`))).toEqual(refusedAndClosed);
    expect(decode(bytes(`"${"[".repeat(100_000)}"\n`))).toMatchObject([{ kind: "frame" }]);
  });

  it("of more values than are worth building is refused, and the connection goes on", () => {
    expect(decode(bytes(`[${"1,".repeat(300_000)}1]\n2\n`))).toEqual([
      broken(rpcCodes.invalidRequest, false),
      { kind: "frame", value: 2 },
    ]);
  });

  it("that is not JSON is a parse error, and the connection goes on", () => {
    expect(decode(bytes("GET / HTTP/1.1\n{'a':1}\n{\"a\":1\n3\n"))).toEqual([
      broken(rpcCodes.parseError, false),
      broken(rpcCodes.parseError, false),
      broken(rpcCodes.parseError, false),
      { kind: "frame", value: 3 },
    ]);
  });

  it("with a `__proto__` key, spelt out or escaped, is refused; `constructor` is a plain key", () => {
    expect(decode(bytes('{"a":[{"__proto__":{"x":1}}]}\n{"\\u005f_proto__":1}\n'))).toEqual([
      broken(rpcCodes.invalidRequest, false),
      broken(rpcCodes.invalidRequest, false),
    ]);
    const [event] = decode(bytes('{"constructor":{"prototype":1}}\n'));
    expect(event).toMatchObject({ kind: "frame", value: { constructor: { prototype: 1 } } });
    expect("x" in {}).toBe(false);
  });

  it("a byte at a time costs no more than the frame itself", () => {
    const frame = bytes(`"${"x".repeat(300_000)}"\n`);
    const decoder = new FrameDecoder();
    const events: FrameEvent[] = [];
    for (let i = 0; i < frame.length; i++) events.push(...decoder.push(frame.subarray(i, i + 1)));
    expect(events).toMatchObject([{ kind: "frame" }]);
    expect(decoder.pendingBytes).toBe(0);
  });
});
