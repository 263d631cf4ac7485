import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failureOf, unwrap } from "../store/support/rows.ts";
import { lay, Shop } from "./support/shop.ts";

/** Names under a directory, at any depth. */
function namesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
}

describe("keeping an output", () => {
  test("gives the artifact that its content is, whole and read-only", async () => {
    const shop = new Shop();
    const outDir = shop.output({ "data.csv": "1,2", "bin/run": { program: "#!/bin/sh" } });
    const kept = unwrap(await shop.artifacts.keep(outDir, { files: ["data.csv", "bin"] }));
    const { digest, bytes, files } = unwrap(await shop.digester.contentOf(outDir));
    expect(kept).toStrictEqual({ digest, bytes, files });
    const path = shop.artifacts.pathOf(kept.digest);
    expect(shop.artifacts.has(kept.digest)).toBe(true);
    expect(unwrap(await shop.digester.contentOf(path)).digest).toBe(kept.digest);
    expect(lstatSync(join(path, "data.csv")).mode & 0o777).toBe(0o444);
    expect(lstatSync(join(path, "bin/run")).mode & 0o777).toBe(0o555);
    expect(lstatSync(join(path, "bin")).mode & 0o777).toBe(0o555);
    expect(readFileSync(join(path, "data.csv"), "utf8")).toBe("1,2");
    // Nothing of it is left under way.
    expect(namesIn(shop.artifacts.place.temporary)).toStrictEqual([]);
  });

  test("twice at once and again comes to the same, and equal files are one file", async () => {
    const shop = new Shop();
    const outputs = [1, 2, 3, 4].map(() => shop.output({ a: "same", "b/c": "same" }));
    const kept = await Promise.all(
      outputs.map((outDir) => shop.artifacts.keep(outDir, { files: [] })),
    );
    const digests = new Set(kept.map((one) => unwrap(one).digest));
    expect(digests.size).toBe(1);
    const path = shop.artifacts.pathOf([...digests][0] ?? "");
    expect(statSync(join(path, "a")).ino).toBe(statSync(join(path, "b/c")).ino);
    expect(namesIn(shop.artifacts.place.temporary)).toStrictEqual([]);
    const again = unwrap(
      await shop.artifacts.keep(shop.output({ a: "same", "b/c": "same" }), { files: [] }),
    );
    expect(digests).toContain(again.digest);
    expect(unwrap(await shop.upkeep.verify()).rotten).toStrictEqual([]);
  });

  test("a link inside counts as what it leads to", async () => {
    const shop = new Shop();
    const outDir = shop.output({ "epoch-3/model": "weights" });
    symlinkSync("epoch-3", join(outDir, "best"));
    symlinkSync(join(outDir, "epoch-3/model"), join(outDir, "last"));
    const kept = unwrap(await shop.artifacts.keep(outDir, { files: ["best/model", "last"] }));
    const plain = await shop.keep({
      "epoch-3/model": "weights",
      "best/model": "weights",
      last: "weights",
    });
    expect(kept).toStrictEqual(plain);
    expect(lstatSync(join(shop.artifacts.pathOf(kept.digest), "best")).isDirectory()).toBe(true);
  });

  test("a file that somebody has another name for is copied: nobody else can change it", async () => {
    const shop = new Shop();
    const outside = join(lay(join(shop.directory, "theirs"), { f: "before" }), "f");
    const outDir = shop.output({});
    linkSync(outside, join(outDir, "f"));
    const kept = unwrap(await shop.artifacts.keep(outDir, { files: ["f"] }));
    expect(statSync(outside).mode & 0o777).toBe(0o644);
    writeFileSync(outside, "after!");
    expect(readFileSync(join(shop.artifacts.pathOf(kept.digest), "f"), "utf8")).toBe("before");
    expect(namesIn(shop.artifacts.place.temporary)).toStrictEqual([]);
  });

  test("many files go to the disk together", async () => {
    const shop = new Shop();
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, `${n}`]));
    const kept = await shop.keep(files);
    expect(kept.files).toBe(300);
    expect(readdirSync(shop.artifacts.pathOf(kept.digest))).toHaveLength(300);
  });
});

describe("bad output is named, and nothing is kept of it", () => {
  test.each<[string, string[], (outDir: string) => void, RegExp]>([
    ["nothing at all", [], () => undefined, /is empty: the command wrote nothing into it$/],
    [
      "a file that is missing",
      ["model/weights"],
      (d) => void lay(d, { "model/other": "" }),
      /\/model\/weights was not written by the command$/,
    ],
    [
      "a file where a directory must be",
      ["model/weights"],
      (d) => void lay(d, { model: "" }),
      /\/model\/weights was not written/,
    ],
    [
      "a link out of it",
      [],
      (d) => {
        symlinkSync("/etc/hostname", join(d, "l"));
      },
      /\/l is a link that leads out of the output directory, to \/etc\/hostname$/,
    ],
    [
      "a link in its own place",
      [],
      (d) => {
        rmSync(d, { recursive: true });
        symlinkSync(lay(`${d}-theirs`, { f: "theirs" }), d);
      },
      /is a link: the command replaced its output directory$/,
    ],
    [
      "a link to what is beside it",
      [],
      (d) => {
        mkdirSync(`${d}-more`);
        symlinkSync(`${d}-more`, join(d, "l"));
      },
      /leads out of the output directory/,
    ],
    [
      "a link to itself",
      [],
      (d) => {
        symlinkSync(".", join(d, "l"));
      },
      /\/l is a link that leads in a circle$/,
    ],
    [
      "a FIFO",
      [],
      (d) => {
        execFileSync("mkfifo", [join(d, "p")]);
      },
      /\/p is a FIFO/,
    ],
  ])("%s", async (_, files, make, sentence) => {
    const shop = new Shop();
    const outDir = shop.output({});
    make(outDir);
    const refused = failureOf(await shop.artifacts.keep(outDir, { files }));
    expect(refused.reason).toBe("bad-output");
    expect(refused.message).toMatch(sentence);
    const { kept, temporary } = shop.artifacts.place;
    expect([...namesIn(kept), ...namesIn(temporary)]).toStrictEqual([]);
  });

  test("an output directory that is not there, or is a file", async () => {
    const shop = new Shop();
    const gone = await shop.artifacts.keep(join(shop.directory, "gone"), { files: [] });
    expect(failureOf(gone).message).toMatch(/\/gone is not there$/);
    const file = join(lay(shop.directory, { f: "" }), "f");
    const refused = failureOf(await shop.artifacts.keep(file, { files: [] }));
    expect(refused).toMatchObject({
      reason: "bad-output",
      message: `${file} is a file, not a directory`,
    });
  });
});

describe("a list of artifacts", () => {
  test("is the tree of its parts, sorted by name, and shares every file with them", async () => {
    const shop = new Shop();
    const one = await shop.keep({ m: "1", "sub/n": "x" });
    const two = await shop.keep({ m: { program: "2" } });
    const parts = [
      { name: "b", digest: two.digest },
      { name: "a", digest: one.digest },
    ];
    const list = unwrap(await shop.artifacts.gather(parts));
    const plain = await shop.keep({ "a/m": "1", "a/sub/n": "x", "b/m": { program: "2" } });
    expect(list).toStrictEqual(plain);
    const inode = (digest: string, path: string): number =>
      statSync(join(shop.artifacts.pathOf(digest), path)).ino;
    expect(inode(list.digest, "a/sub/n")).toBe(inode(one.digest, "sub/n"));
    expect(unwrap(await shop.upkeep.verify()).rotten).toStrictEqual([]);
  });

  test("its entries are artifacts of their own, files and trees", async () => {
    const shop = new Shop();
    const list = await shop.keep({ "part-0.csv": "0", "part-1/x/y": "1", go: { program: "2" } });
    const entries = unwrap(await shop.artifacts.entries(list.digest));
    expect(entries.map(({ name, type }) => [name, type])).toStrictEqual([
      ["go", "program"],
      ["part-0.csv", "file"],
      ["part-1", "tree"],
    ]);
    for (const entry of entries) {
      const path = shop.artifacts.pathOf(entry.digest);
      expect(unwrap(await shop.digester.contentOf(path)).digest).toBe(entry.digest);
    }
    const parts = entries.map(({ name, digest }) => ({ name, digest }));
    const gathered = unwrap(await shop.artifacts.gather(parts));
    // What stands alone is its content only: the bit went with the list that it was taken from.
    const plain = await shop.keep({ "part-0.csv": "0", "part-1/x/y": "1", go: "2" });
    expect(gathered).toStrictEqual(plain);
    expect(unwrap(await shop.upkeep.verify()).rotten).toStrictEqual([]);
  });

  test("of what is not there, of twins or with a path for a name is refused", async () => {
    const shop = new Shop();
    const { digest } = await shop.keep({ a: "1" });
    const none = "0".repeat(64);
    const refused = async (...parts: { name: string; digest: string }[]) =>
      failureOf(await shop.artifacts.gather(parts)).message;
    expect(await refused({ name: "a", digest: none })).toBe(`artifact ${none} is not in the store`);
    expect(await refused({ name: "a", digest }, { name: "a", digest })).toBe('"a" is there twice');
    for (const name of ["a/b", "..", ".", "", "a\0"]) {
      expect(await refused({ name, digest })).toMatch(/is no name of an entry$/);
    }
    const file = unwrap(await shop.artifacts.entries(digest))[0]?.digest ?? "";
    expect(failureOf(await shop.artifacts.entries(file)).message).toMatch(/is a file/);
  });
});

test("an output directory is discarded, read-only and with names that are no text", async () => {
  const shop = new Shop();
  const outDir = shop.output({ "a/b": "1" });
  unwrap(await shop.artifacts.keep(outDir, { files: [] }));
  writeFileSync(Buffer.concat([Buffer.from(`${outDir}/`), Buffer.from([0xfe, 0xff])]), "");
  unwrap(await shop.artifacts.discard(outDir));
  expect(existsSync(outDir)).toBe(false);
  unwrap(await shop.artifacts.discard(outDir));
});

test("what the disk refuses is a failure of the store, leaves nothing and may be done again", async () => {
  const shop = new Shop();
  const files = { a: "1", "b/c": "2" };
  const { digest } = unwrap(await shop.digester.contentOf(shop.output(files)));
  // In the way of the last rename.
  const folder = join(shop.artifacts.place.kept, digest.slice(0, 2));
  writeFileSync(folder, "");
  const outDir = shop.output(files);
  const refused = failureOf(await shop.artifacts.keep(outDir, { files: [] }));
  expect(refused.reason).toBe("storage-failed");
  expect(namesIn(shop.artifacts.place.temporary)).toStrictEqual([]);
  expect(shop.artifacts.has(digest)).toBe(false);
  rmSync(folder);
  expect(unwrap(await shop.artifacts.keep(outDir, { files: [] })).digest).toBe(digest);
  expect(unwrap(await shop.upkeep.verify()).rotten).toStrictEqual([]);
});
