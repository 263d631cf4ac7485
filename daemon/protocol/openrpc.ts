import { z } from "zod";
import { failureCodes, rpcCodes } from "./error-codes.ts";
import { methods, type MethodSpec } from "./methods.ts";
import { eventNotice, gapNotice } from "./schemas/event.ts";
import { protocolVersion } from "./version.ts";

type Json = z.infer<ReturnType<typeof z.json>>;
type JsonObject = Record<string, Json>;

/** The method table as an OpenRPC 1.3 document; `version` is the daemon's own. */
export function openRpcDocument(version: string): JsonObject {
  return {
    openrpc: "1.3.2",
    info: {
      title: "blutd",
      version: protocolVersion,
      description: `JSON-RPC 2.0 over a Unix socket, one JSON value per line, UTF-8. Answered by blutd ${version}.`,
      license: { name: "Apache-2.0" },
    },
    methods: Object.entries(methods).map(([name, spec]) => methodObject(name, spec)),
    components: { errors: errorObjects() },
    // OpenRPC has no word for what a server sends unasked.
    "x-notifications": [
      notification("events.event", "One event, after events.subscribe", eventNotice),
      notification(
        "events.gap",
        "So many events were dropped before they could be sent",
        gapNotice,
      ),
    ],
  };
}

function methodObject(name: string, { summary, params, result }: MethodSpec): JsonObject {
  return {
    name,
    summary,
    paramStructure: "by-name",
    params: contentDescriptors(params),
    result: { name: "result", schema: jsonSchema(result, "output") },
    errors: Object.keys(errorObjects()).map((word) => ({ $ref: `#/components/errors/${word}` })),
  };
}

/** OpenRPC lists the members of `params` one by one, each with its own schema. */
function contentDescriptors(params: z.ZodType): JsonObject[] {
  const { anyOf, ...whole } = jsonSchema(params, "input");
  // Of several shapes every member is listed, and those are required that all of them have.
  const shapes = (anyOf ?? [whole]) as { properties?: JsonObject; required?: Json[] }[];
  const members = Object.assign(
    {},
    ...shapes.map(({ properties = {} }) => properties),
  ) as JsonObject;
  return Object.entries(members).map(([name, schema]) => ({
    name,
    required: shapes.every(({ required = [] }) => required.includes(name)),
    schema: schema ?? {},
  }));
}

function notification(name: string, summary: string, params: z.ZodType): JsonObject {
  return { name, summary, paramStructure: "by-name", params: contentDescriptors(params) };
}

/** The one error table: JSON-RPC's own codes, and a code for each reason in `error.data.reason`. */
function errorObjects(): Record<string, JsonObject> {
  const words = Object.entries({ ...rpcCodes, ...failureCodes });
  return Object.fromEntries(words.map(([word, code]) => [word, { code, message: word }]));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const made = z.toJSONSchema(schema, { target: "draft-7", io });
  // The one thing defined apart is "any JSON value", which the empty schema says as well.
  return JSON.parse(JSON.stringify(made), (key, value: unknown) => {
    if (key === "$schema" || key === "definitions") return undefined;
    return typeof value === "object" && value !== null && "$ref" in value ? {} : value;
  }) as JsonObject;
}
