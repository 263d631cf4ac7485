import { failureCodes, rpcCodes } from "../../daemon/protocol/error-codes.ts";
import { planLimits, submitLimits, wireLimits } from "../../daemon/protocol/limits.ts";
import { methods, type MethodSpec } from "../../daemon/protocol/methods.ts";
import { eventNotice, gapNotice } from "../../daemon/protocol/schemas/event.ts";
import { fragment } from "./markdown.ts";
import * as p from "./page.ts";
import { schemaOf } from "./schema.ts";
import { shapeLines } from "./shape.ts";

/** blutd-rpc(7), from the method table that calls are checked by. */
export function rpcPage(): p.Page {
  const table: [string, MethodSpec][] = Object.entries(methods);
  const codes = Object.entries({ ...rpcCodes, ...failureCodes });
  return {
    name: "blutd-rpc",
    section: 7,
    summary: "the socket of blutd: JSON-RPC 2.0, a line for every message",
    blocks: [
      ...fragment("blutd-rpc"),
      p.section("METHODS"),
      ...table.flatMap(methodBlocks),
      p.section("NOTIFICATIONS"),
      ...noticeBlocks("events.event", "One event, after `events.subscribe`.", eventNotice),
      ...noticeBlocks(
        "events.gap",
        "So many events were dropped before they were sent.",
        gapNotice,
      ),
      p.section("ERRORS"),
      ...fragment("blutd-rpc-errors"),
      {
        kind: "literal",
        lines: codes.map(([word, code]) => `${String(code).padStart(6)}  ${word}`),
      },
      p.section("LIMITS"),
      ...Object.entries({ ...wireLimits, ...submitLimits, ...planLimits }).map(([name, most]) =>
        p.term([p.bold(name)], String(most)),
      ),
      ...fragment("blutd-rpc-end"),
    ],
  };
}

function methodBlocks([name, { summary, params, result }]: [string, MethodSpec]): p.Block[] {
  return [
    p.part(name),
    p.paragraph(p.sentence(summary)),
    ...shapeBlocks("params", schemaOf(params, "input")),
    ...shapeBlocks("result", schemaOf(result, "output")),
  ];
}

function noticeBlocks(name: string, summary: string, params: MethodSpec["params"]): p.Block[] {
  const lines = shapeLines(schemaOf(params, "output"));
  return [p.part(name), p.paragraph(summary), { kind: "literal", lines }];
}

function shapeBlocks(title: string, schema: ReturnType<typeof schemaOf>): p.Block[] {
  const lines = shapeLines(schema);
  if (lines.join("") === "{  }") return [];
  const [first = "", ...rest] = lines;
  return [{ kind: "literal", lines: [`${title}: ${first}`, ...rest] }];
}
