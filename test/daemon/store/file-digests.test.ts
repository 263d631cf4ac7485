import { expect, test } from "vitest";
import { keep } from "./support/rows.ts";
import { openStore } from "./support/scratch.ts";

test("what a directory held is replaced as a whole, and forgotten by age", async () => {
  const store = openStore();
  await keep(store, () => {
    store.fileDigests.put("/data", "[1]", 100);
    store.fileDigests.put("/data", "[2]", 300);
    store.fileDigests.put("/code", "[3]", 100);
  });
  expect(store.fileDigests.get("/data")).toBe("[2]");
  expect(store.fileDigests.get("/dat")).toBeUndefined();
  await keep(store, () => {
    store.fileDigests.forgetBefore(200);
  });
  expect(store.fileDigests.get("/data")).toBe("[2]");
  expect(store.fileDigests.get("/code")).toBeUndefined();
});
