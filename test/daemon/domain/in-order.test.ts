import { expect, it } from "vitest";
import { inOrder } from "../../../daemon/domain/in-order.ts";

function ordered(needs: Record<string, readonly string[]>): ReturnType<typeof inOrder> {
  return inOrder(new Map(Object.entries(needs)));
}

it("puts every name behind those it needs, whoever is named first", () => {
  const needs = { report: ["train", "test"], test: ["train"], train: ["prepare"], prepare: [] };
  expect(ordered(needs)).toEqual({ order: ["prepare", "train", "test", "report"], stuck: [] });
});

it("leaves those on a cycle and behind it over, and takes what is not there for done", () => {
  const needs = { a: ["b"], b: ["a"], behind: ["a", "free"], free: ["elsewhere"], self: ["self"] };
  expect(ordered(needs)).toEqual({ order: ["free"], stuck: ["a", "b", "behind", "self"] });
});

it("takes a need that is named twice for one", () => {
  expect(ordered({ b: ["a", "a"], a: [] }).order).toEqual(["a", "b"]);
});

it("needs no stack for 100,000 names in a row", () => {
  const names = Array.from({ length: 100_000 }, (_, i) => String(i));
  const needs = new Map(names.map((name, i) => [name, i === 0 ? [] : [String(i - 1)]]));
  expect(inOrder(needs).order).toEqual(names);
});
