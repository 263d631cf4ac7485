import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Digested } from "../../daemon/artifacts/jobs.ts";
import { digestOutside } from "../../daemon/artifacts/work/digest-outside.ts";
import { unwrap } from "../daemon/store/support/rows.ts";

/** A file of a tree as a test makes it. */
interface Leaf {
  readonly content: string;
  readonly isProgram: boolean;
}

/** Files by path; directories are there because of them. */
type Tree = readonly (readonly [path: string, leaf: Leaf])[];

const root = mkdtempSync(join(tmpdir(), "blut-digest-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});
let made = 0;

/** Few enough names that directories have several entries, and files meet directories of another tree. */
const name = fc.constantFrom("a", "b", "c", "é", "B", "__proto__", "a.b", "10", "9");
const leaf: fc.Arbitrary<Leaf> = fc.record({
  content: fc.constantFrom("", "x", "y", "xy"),
  isProgram: fc.boolean(),
});
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const tree: fc.Arbitrary<Tree> = fc
  .uniqueArray(fc.tuple(path, leaf), { minLength: 1, maxLength: 8, selector: ([p]) => p })
  .map((files) => files.filter(([p]) => !files.some(([q]) => p.startsWith(`${q}/`))));

function build(files: Tree): string {
  const directory = join(root, String(++made));
  mkdirSync(directory);
  for (const [at, { content, isProgram }] of files) {
    const file = join(directory, at);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, isProgram ? 0o755 : 0o644);
  }
  return directory;
}

async function digest(directory: string): Promise<string> {
  const nothingKnown = (paths: readonly string[]) => Promise.resolve(paths.map(() => undefined));
  const found: Digested = unwrap(
    await digestOutside(directory, { startedAt: Date.now() }, nothingKnown),
  );
  return found.content.digest;
}

const textOf = (files: Tree): string =>
  JSON.stringify(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));

describe("the digest of a tree", () => {
  it("is equal exactly when names, contents and executable bits are", async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, async (one, other) => {
        const isEqual = textOf(one) === textOf(other);
        expect((await digest(build(one))) === (await digest(build(other)))).toBe(isEqual);
      }),
    );
  });

  it("does not depend on the order of making, on times, or on other bits of the mode", async () => {
    await fc.assert(
      fc.asyncProperty(
        tree,
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.constantFrom(0o600, 0o444, 0o666),
        async (files, at, mode) => {
          const first = await digest(build(files));
          const again = build(files.toReversed());
          for (const [file, { isProgram }] of files) {
            chmodSync(join(again, file), isProgram ? mode | 0o100 : mode);
            utimesSync(join(again, file), at, at);
          }
          expect(await digest(again)).toBe(first);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("changes with any single change", async () => {
    const change = fc.constantFrom("content", "bit", "name", "gone", "more", "empty");
    await fc.assert(
      fc.asyncProperty(tree, fc.nat(), change, async (files, pick, what) => {
        const before = await digest(build(files));
        const at = pick % files.length;
        const [file, old] = files[at] ?? ["", { content: "", isProgram: false }];
        const rest = files.filter((_, index) => index !== at);
        const changed: Record<typeof what, Tree> = {
          content: [...rest, [file, { ...old, content: `${old.content}!` }]],
          bit: [...rest, [file, { ...old, isProgram: !old.isProgram }]],
          name: [...rest, [`${file}!`, old]],
          gone: rest,
          more: [...files, ["more", old]],
          empty: files,
        };
        const after = build(changed[what]);
        if (what === "empty") mkdirSync(join(after, "empty"));
        expect(await digest(after)).not.toBe(before);
      }),
    );
  });
});
