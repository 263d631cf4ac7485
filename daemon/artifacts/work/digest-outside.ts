import { lstatSync, type Stats } from "node:fs";
import type { TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import { byName, treeOf, type Content } from "../content.ts";
import type { Ask, Digested, DirectoryRecord } from "../jobs.ts";
import { fileEntry, readFile, stampOf, type ReadFile } from "./read-file.ts";
import { walk, type FileNode, type TreeNode } from "./walk.ts";

/** What the files of one directory held: each name with stamp and digest, a blank between them. */
type Known = readonly (readonly [name: string, stampAndDigest: string])[];

/**
 * A file that changed so shortly before it was read may change again and look the same: clocks of file
 * systems tick every few milliseconds, on some every two seconds.
 */
const racyMs = 2_000;

/** What Python writes beside the code that it runs says nothing of what that does. */
const compiled = "__pycache__";

/** Digests what is outside the store, and reads only what is not known. `startedAt` is now, in epoch ms. */
export async function digestOutside(
  path: string,
  { startedAt, isCode = false }: { readonly startedAt: number; readonly isCode?: boolean },
  ask: Ask,
): Promise<Result<Digested, Failure>> {
  const walked = walk("bad-input", path, isCode ? compiled : undefined);
  if (!walked.ok) return walked;
  const { root, trees } = walked.value;
  const paths = root.kind === "file" ? [root.path] : trees.map((tree) => tree.path);
  const texts = await ask(paths);
  const reading = new Reading(startedAt);
  if (root.kind === "file") {
    const entry = reading.files(root.path, [root], texts[0]);
    return entry.ok ? reading.give(withoutName(entry.value[0])) : entry;
  }
  return reading.trees(trees, texts);
}

/** One digesting: what was read, and what to remember of it. */
class Reading {
  /** What changed before this is not going to look the same when it changes again. */
  readonly #settledAt: number;
  readonly #records: DirectoryRecord[] = [];
  #readBytes = 0;

  constructor(startedAt: number) {
    this.#settledAt = startedAt - racyMs;
  }

  /** Bottom up: children come after their parents in `trees`. */
  trees(
    trees: readonly TreeNode[],
    texts: readonly (string | undefined)[],
  ): Result<Digested, Failure> {
    const contents = new Map<TreeNode, Content>();
    for (let index = trees.length - 1; index >= 0; index--) {
      const tree = trees[index];
      if (tree === undefined) continue;
      const files = this.files(tree.path, tree.children.filter(isFile), texts[index]);
      if (!files.ok) return files;
      const inner = tree.children
        .filter((child) => child.kind === "tree")
        .map((child) => ({ name: child.name, ...known(contents.get(child)) }));
      contents.set(tree, treeOf([...files.value, ...inner].sort(byName)));
    }
    return this.give(known(trees[0] && contents.get(trees[0])));
  }

  /** The files of one directory. */
  files(
    path: string,
    nodes: readonly FileNode[],
    text: string | undefined,
  ): Result<TreeEntry[], Failure> {
    const before = new Map(text === undefined ? [] : (JSON.parse(text) as Known));
    const after: [string, string][] = [];
    const entries: TreeEntry[] = [];
    let isNews = false;
    for (const { name, path: file } of nodes) {
      const remembered = unchanged(file, before.get(name));
      const read = remembered === undefined ? this.#read(file) : ok(remembered);
      if (!read.ok) return read;
      const { digest, stat } = read.value;
      isNews ||= remembered === undefined;
      if (this.#isSettled(stat)) after.push([name, `${stampOf(stat)} ${digest}`]);
      entries.push(fileEntry(name, stat, digest));
    }
    if (isNews && after.length > 0) {
      this.#records.push({ path, text: JSON.stringify(after) });
    }
    return ok(entries);
  }

  give(content: Content): Result<Digested, Failure> {
    return ok({ content, records: this.#records, readBytes: this.#readBytes });
  }

  #read(file: string): Result<ReadFile, Failure> {
    const read = readFile("bad-input", file);
    if (read.ok) this.#readBytes += read.value.stat.size;
    return read;
  }

  #isSettled({ mtimeMs, ctimeMs }: Stats): boolean {
    return mtimeMs < this.#settledAt && ctimeMs < this.#settledAt;
  }
}

/** What a file held when it was read, where it is still the same. */
function unchanged(file: string, remembered: string | undefined): ReadFile | undefined {
  if (remembered === undefined) return undefined;
  try {
    const stat = lstatSync(file);
    const stamp = `${stampOf(stat)} `;
    return remembered.startsWith(stamp)
      ? { digest: remembered.slice(stamp.length), stat }
      : undefined;
  } catch {
    // Whoever reads it finds out why, and says so.
    return undefined;
  }
}

function isFile(node: FileNode | TreeNode): node is FileNode {
  return node.kind === "file";
}

function withoutName(entry: TreeEntry | undefined): Content {
  const { type, digest, bytes, files } = known(entry);
  return { type, digest, bytes, files };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a directory came before what is in it");
  return value;
}
