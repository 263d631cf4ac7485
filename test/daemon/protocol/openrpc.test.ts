import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failureReasons } from "../../../daemon/domain/failure.ts";
import { failureCodes } from "../../../daemon/protocol/error-codes.ts";
import { methods } from "../../../daemon/protocol/methods.ts";
import { openRpcDocument } from "../../../daemon/protocol/openrpc.ts";
import { protocolVersion } from "../../../daemon/protocol/version.ts";

const schema = z.looseObject({ type: z.string().optional() });
const descriptor = z.strictObject({ name: z.string().min(1), required: z.boolean(), schema });
/** The parts of the OpenRPC 1.3 meta schema that a document like ours uses. */
const openRpc = z.strictObject({
  openrpc: z.string().regex(/^1\.\d+\.\d+$/),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string() }),
  }),
  methods: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z]+\.[a-z]+$/),
      summary: z.string().min(1),
      paramStructure: z.literal("by-name"),
      params: z.array(descriptor),
      result: z.strictObject({ name: z.string(), schema }),
      errors: z.array(z.strictObject({ $ref: z.string().startsWith("#/components/errors/") })),
    }),
  ),
  components: z.strictObject({
    errors: z.record(z.string(), z.strictObject({ code: z.int(), message: z.string() })),
  }),
  "x-notifications": z.array(z.looseObject({ name: z.string(), params: z.array(descriptor) })),
});

describe("the OpenRPC document", () => {
  const document = openRpc.parse(openRpcDocument("9.9.9"));

  it("is the method table, each method once", () => {
    expect(document.methods.map(({ name }) => name)).toEqual(Object.keys(methods));
    expect(document.info.version).toBe(protocolVersion);
    expect(methods["rpc.discover"].result.safeParse(document).success).toBe(true);
  });

  it("says of each parameter what it is and whether it must be there", () => {
    const submit = document.methods.find(({ name }) => name === "run.submit");
    const required = submit?.params.filter((param) => param.required).map(({ name }) => name);
    // A command has argv and cwd, a plan has steps: what both must have is the environment.
    expect(required).toEqual(["env"]);
    const priority = submit?.params.find(({ name }) => name === "priority")?.schema;
    expect(priority).toMatchObject({ type: "integer", minimum: -1000, default: 0 });
  });

  it("has a code for each failure reason, none twice, and each method points at them all", () => {
    const { errors } = document.components;
    for (const reason of failureReasons) expect(errors[reason]?.code).toBe(failureCodes[reason]);
    const own = failureReasons.filter((reason) => reason !== "invalid-request");
    expect(new Set(own.map((reason) => failureCodes[reason])).size).toBe(own.length);
    for (const { errors: refs } of document.methods) {
      for (const { $ref } of refs) expect(errors).toHaveProperty([$ref.split("/").at(-1) ?? ""]);
    }
  });

  it("points at nothing that is not in it", () => {
    const refs = JSON.stringify(document).match(/"\$ref":"[^"]*"/g) ?? [];
    expect(refs.filter((ref) => !ref.includes("#/components/errors/"))).toEqual([]);
    expect(JSON.stringify(document)).not.toContain("definitions");
  });
});
