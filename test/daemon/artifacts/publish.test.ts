import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureOf, unwrap } from "../store/support/rows.ts";
import { lay, Shop } from "./support/shop.ts";

test("an artifact is put outside as a copy that its owner may change", async () => {
  const shop = new Shop();
  const { digest } = await shop.keep({ "a.csv": "1", "bin/run": { program: "2" } });
  const path = join(shop.directory, "results/new/digits");
  unwrap(await shop.artifacts.publish(digest, path));
  expect(unwrap(await shop.digester.contentOf(path)).digest).toBe(digest);
  expect(lstatSync(join(path, "a.csv")).mode & 0o777).toBe(0o644);
  writeFileSync(join(path, "a.csv"), "changed");
  const kept = join(shop.artifacts.pathOf(digest), "a.csv");
  expect(readFileSync(kept, "utf8")).toBe("1");
});

test("what was put there earlier is replaced whole, an empty directory is filled", async () => {
  const shop = new Shop();
  const path = join(shop.directory, "results");
  mkdirSync(path);
  const first = await shop.keep({ a: "1", gone: "x" });
  const second = await shop.keep({ a: "2" });
  unwrap(await shop.artifacts.publish(first.digest, path));
  unwrap(await shop.artifacts.publish(first.digest, path));
  unwrap(await shop.artifacts.publish(second.digest, path));
  expect(readdirSync(path)).toStrictEqual(["a"]);
  expect(readFileSync(join(path, "a"), "utf8")).toBe("2");
  // Nothing is left beside it.
  expect(readdirSync(shop.directory).filter((name) => name.includes(".blut-"))).toStrictEqual([]);
});

test("a single file is put outside as a file", async () => {
  const shop = new Shop();
  const list = await shop.keep({ a: "1", b: "2" });
  const entries = unwrap(await shop.artifacts.entries(list.digest));
  const path = join(shop.directory, "file");
  for (const { digest } of entries) unwrap(await shop.artifacts.publish(digest, path));
  expect(readFileSync(path, "utf8")).toBe("2");
});

test.each<[string, (path: string) => void]>([
  [
    "a file of somebody",
    (path) => {
      writeFileSync(path, "mine");
    },
  ],
  ["a directory of somebody", (path) => void lay(path, { mine: "1" })],
  [
    "a link",
    (path) => {
      symlinkSync("/tmp", path);
    },
  ],
])("%s stays as it is", async (_, make) => {
  const shop = new Shop();
  const { digest } = await shop.keep({ a: "1" });
  const path = join(shop.directory, "results");
  make(path);
  const before = lstatSync(path, { bigint: true });
  const refused = failureOf(await shop.artifacts.publish(digest, path));
  expect(refused.reason).toBe("bad-output");
  expect(refused.message).toContain(`${path} is there already`);
  const { ino, mtimeNs } = lstatSync(path, { bigint: true });
  expect({ ino, mtimeNs }).toStrictEqual({ ino: before.ino, mtimeNs: before.mtimeNs });
});

test("what somebody changed since it was put there stays as it is", async () => {
  const shop = new Shop();
  const first = await shop.keep({ a: "1" });
  const second = await shop.keep({ a: "2" });
  const path = join(shop.directory, "results");
  unwrap(await shop.artifacts.publish(first.digest, path));
  writeFileSync(join(path, "notes"), "mine");
  const refused = failureOf(await shop.artifacts.publish(second.digest, path));
  expect(refused.message).toContain("is there already");
  expect(readFileSync(join(path, "notes"), "utf8")).toBe("mine");
});

test("a place that cannot be written is named", async () => {
  const shop = new Shop();
  const { digest } = await shop.keep({ a: "1" });
  const path = join(lay(shop.directory, { file: "" }), "file/results");
  const refused = failureOf(await shop.artifacts.publish(digest, path));
  expect(refused).toMatchObject({ reason: "bad-output", data: { path } });
  const gone = failureOf(await shop.artifacts.publish("0".repeat(64), path));
  expect(gone.reason).toBe("bad-input");
});
