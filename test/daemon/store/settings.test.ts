import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../daemon/base/clock.ts";
import { Store } from "../../../daemon/store/store.ts";
import { keep, unwrap } from "./support/rows.ts";
import { openStore, scratchDirectory } from "./support/scratch.ts";

test("a setting outlives the store that set it", async () => {
  const file = join(scratchDirectory(), "blut.db");
  const first = unwrap(Store.open(file, systemClock));
  await keep(first, () => {
    first.settings.set("hold", { mode: "pause" });
    first.settings.set("hold", { mode: "drain", until: null });
    first.settings.set("gone", 1);
    first.settings.delete("gone");
  });
  first.close();
  const second = openStore(file);
  expect(second.settings.get("hold")).toStrictEqual({ mode: "drain", until: null });
  expect(second.settings.get("gone")).toBeUndefined();
});
