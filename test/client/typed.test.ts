import { describe, expect, test } from "vitest";
import { asTyped } from "../../client/typed.ts";
import type { Refusal } from "../../client/refusal.ts";

const refusal = (message: string, data: unknown): Refusal => ({
  reason: "invalid-request",
  message,
  remedy: "see run.submit in rpc.discover",
  retryable: false,
  data,
});

const submit = { words: "submit", options: ["--name", "--oom-retries"] };

describe("what the daemon refused", () => {
  test.each([
    ["name", "--name: no"],
    ["memory", "--mem and --mem-max: no"],
    ["memory.ceilingBytes", "--mem-max: no"],
    ["oomRetries", "--oom-retries: no"],
    ["pools.a b", "--pool: no"],
    ["argv[3]", "the command: no"],
    ["recipe.name", "RECIPE: no"],
  ])("%s is named as it was typed", (field, message) => {
    const problems = [{ field, message: "no" }];
    expect(
      asTyped(refusal(`run.submit: ${field}: no`, { problems, left: 0 }), submit),
    ).toMatchObject({
      message,
      remedy: "see `blutctl help submit`",
    });
  });

  test("what is wrong in a plan is named by its place there", () => {
    const problems = ["plan.version", "plan.steps[0].argv"].map((field) => ({
      field,
      message: "no",
    }));
    expect(asTyped(refusal("plan.inspect: plan.version: no", { problems }), submit)).toMatchObject({
      message: "plan.version: no, and 1 more",
      remedy: "see its schema: blutctl recipe schema --plan",
    });
  });

  test("a sentence of a field stands without the field's name, and keeps its remedy", () => {
    const given = refusal("cwd: /gone is not a directory", { field: "cwd" });
    expect(asTyped(given, submit)).toEqual({ ...given, message: "/gone is not a directory" });
  });

  test("what is wrong in a file is no option, though it has a field", () => {
    const problems = [{ field: "cron", message: "no", line: 1 }];
    const given = refusal("/s/bad.toml cannot be used", { problems });
    expect(asTyped(given, submit)).toBe(given);
  });

  test("anything else stays as it is", () => {
    const given: Refusal = { ...refusal("cwd: x", { field: "cwd" }), reason: "not-found" };
    expect(asTyped(given, submit)).toBe(given);
  });
});
