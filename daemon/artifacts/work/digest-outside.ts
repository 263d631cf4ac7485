import type { BigIntStats } from "node:fs";
import type { TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import { byName, treeOf, type Content } from "../content.ts";
import type { Digested, DirectoryRecord } from "../jobs.ts";
import { digestFile, stampOf } from "./read-file.ts";
import { walk, type FileNode, type TreeNode } from "./walk.ts";

/** Asks what is known of directories. */
export type Ask = (paths: readonly string[]) => Promise<readonly (string | undefined)[]>;

/** What the files of one directory held: each name with stamp and digest, a blank between them. */
type Known = readonly (readonly [name: string, stampAndDigest: string])[];

/**
 * A file that changed so shortly before it was read may change again and look the same: clocks of file
 * systems tick every few milliseconds, on some every two seconds.
 */
const racyNs = 2_000_000_000n;

/** Digests what is outside the store, and reads only what is not known. `startedAt` is now, in epoch ms. */
export async function digestOutside(
  path: string,
  startedAt: number,
  ask: Ask,
): Promise<Result<Digested, Failure>> {
  const walked = walk("bad-input", path);
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
  readonly #settledNs: bigint;
  readonly #records: DirectoryRecord[] = [];
  #readBytes = 0;

  constructor(startedAt: number) {
    this.#settledNs = BigInt(startedAt) * 1_000_000n - racyNs;
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
    for (const node of nodes) {
      const stamp = stampOf(node.stat);
      const remembered = digestIn(before.get(node.name), stamp);
      const digest = remembered === undefined ? this.#read(node) : ok(remembered);
      if (!digest.ok) return digest;
      isNews ||= remembered === undefined;
      if (this.#isSettled(node.stat)) after.push([node.name, `${stamp} ${digest.value}`]);
      entries.push(fileEntry(node, digest.value));
    }
    if (isNews && after.length > 0) {
      this.#records.push({ path, text: JSON.stringify(after) });
    }
    return ok(entries);
  }

  give(content: Content): Result<Digested, Failure> {
    return ok({ content, records: this.#records, readBytes: this.#readBytes });
  }

  #read(node: FileNode): Result<string, Failure> {
    this.#readBytes += Number(node.stat.size);
    return digestFile("bad-input", node.path, node.stat);
  }

  #isSettled({ mtimeNs, ctimeNs }: BigIntStats): boolean {
    return mtimeNs < this.#settledNs && ctimeNs < this.#settledNs;
  }
}

/** The entry that a file is. */
export function fileEntry({ name, stat }: FileNode, digest: string): TreeEntry {
  const type = (stat.mode & 0o100n) === 0n ? "file" : "program";
  return { name, type, digest, bytes: Number(stat.size), files: 1 };
}

function digestIn(remembered: string | undefined, stamp: string): string | undefined {
  return remembered?.startsWith(`${stamp} `) === true
    ? remembered.slice(stamp.length + 1)
    : undefined;
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
