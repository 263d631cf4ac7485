import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../../../daemon/base/clock.ts";
import { Store, type StoreParts } from "../../../../daemon/store/store.ts";
import { unwrap } from "./rows.ts";

/** A directory of this test's own, gone when it ends. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "blut-store-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Opens a store that is closed when the test ends. */
export function openStore(
  file = join(scratchDirectory(), "blut.db"),
  parts: StoreParts = {},
): Store {
  const store = unwrap(Store.open(file, systemClock, parts));
  onTestFinished(() => {
    store.close();
  });
  return store;
}
