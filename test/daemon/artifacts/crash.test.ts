import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Place } from "../../../daemon/artifacts/place.ts";
import { inventory } from "../../../daemon/artifacts/work/inventory.ts";
import { keep } from "../../../daemon/artifacts/work/keep.ts";
import { verify } from "../../../daemon/artifacts/work/verify.ts";
import { unwrap } from "../store/support/rows.ts";
import { runChild, straceCommand, type Ended } from "../store/support/child.ts";
import { lay, scratch } from "./support/shop.ts";

const keeper = fileURLToPath(new URL("support/keeper.ts", import.meta.url));
const files = { a: "12345", same: "12345", "sub/deep/b": "x", "sub/run": { program: "#!" } };

/** Keeps the output in a program of its own, that is killed at this call. */
function keepUntil(directory: string, outDir: string, call: string, when: number): Promise<Ended> {
  const rules = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${when}`];
  const command = [...straceCommand, ...rules, process.execPath, keeper, directory, outDir];
  return runChild(command, undefined).done;
}

describe("killed at any call that changes the disk, no half artifact is ever there", () => {
  // How often each is called at least: a file by its second name, by its place in the tree, and so on.
  test.each([
    ["link", 7],
    ["rename", 4],
    ["mkdir", 7],
    ["fsync", 10],
    ["chmod", 9],
  ])("%s", { timeout: 60_000 }, async (call, atLeast) => {
    const root = scratch();
    const source = lay(join(root, "source"), files);
    let kills = 0;
    for (let isOver = false; !isOver;) {
      const when = kills + 1;
      const directory = join(root, `store-${when}`);
      const outDir = join(root, `out-${when}`);
      mkdirSync(directory);
      cpSync(source, outDir, { recursive: true });
      const { lines, signal } = await keepUntil(directory, outDir, call, when);
      isOver = lines.some((line) => line.startsWith("kept"));
      expect(isOver ? null : "SIGKILL").toBe(signal);
      if (!isOver) kills++;
      const place = new Place(directory);
      for (const made of [place.temporary, place.blobs, place.kept]) {
        mkdirSync(made, { recursive: true });
      }
      // What is there is whole, and doing it again comes to it.
      expect(verify(place).rotten).toStrictEqual([]);
      const there = inventory(place);
      expect(there.length).toBeLessThanOrEqual(1);
      const { digest } = unwrap(keep(place, outDir, ["a", "sub/deep/b"]));
      expect([digest, ...there]).toStrictEqual([digest, ...there.map(() => digest)]);
      expect(verify(place)).toMatchObject({ artifacts: 1, files: 3, rotten: [] });
      expect(readdirSync(place.contentOf(digest))).toStrictEqual(["a", "same", "sub"]);
    }
    expect(kills).toBeGreaterThanOrEqual(atLeast);
  });
});
