import { lstatSync, readdirSync, realpathSync, statSync, type BigIntStats } from "node:fs";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { wrong, wrongBy, type Side } from "./trouble.ts";

/** A file of a tree, at the path where its bytes are: a link's target, where it was one. */
export interface FileNode {
  readonly kind: "file";
  readonly name: string;
  readonly path: string;
  /** Of the file itself, not of a link to it. */
  readonly stat: BigIntStats;
}

/** A directory of a tree. */
export interface TreeNode {
  readonly kind: "tree";
  readonly name: string;
  /** Without links. */
  readonly path: string;
  readonly parent: TreeNode | undefined;
  readonly children: (FileNode | TreeNode)[];
}

/** A tree, and all its directories, parents first. */
export interface Walked {
  readonly root: FileNode | TreeNode;
  readonly trees: readonly TreeNode[];
}

/** A tree with more entries is refused: it would not fit into the memory of a thread. */
const mostEntries = 2_000_000;

/** Walks one tree of one side. Iterative: a tree may be as deep as a path is long. */
class Walk {
  readonly #side: Side;
  readonly #root: string;
  readonly #trees: TreeNode[] = [];
  #entries = 0;

  constructor(side: Side, root: string) {
    this.#side = side;
    this.#root = root;
  }

  run(): Result<Walked, Failure> {
    const stat = statSync(this.#root, { bigint: true });
    const root = this.#node("", this.#root, stat, undefined);
    if (!root.ok) return root;
    for (let next = 0; next < this.#trees.length; next++) {
      const tree = this.#trees[next];
      const filled = tree && this.#fill(tree);
      if (filled?.ok === false) return filled;
    }
    return ok({ root: root.value, trees: this.#trees });
  }

  #fill(tree: TreeNode): Result<void, Failure> {
    const names = this.#try(tree.path, () => namesIn(tree.path));
    if (!names.ok) return names;
    if (names.value === undefined) {
      return err(wrong(this.#side, tree.path, "holds a name that is not UTF-8"));
    }
    this.#entries += names.value.length;
    if (this.#entries > mostEntries) {
      return err(wrong(this.#side, this.#root, `has more than ${mostEntries} entries`));
    }
    for (const name of names.value) {
      const child = this.#child(tree, name);
      if (!child.ok) return child;
      tree.children.push(child.value);
    }
    return ok(undefined);
  }

  #child(tree: TreeNode, name: string): Result<FileNode | TreeNode, Failure> {
    const path = `${tree.path}/${name}`;
    const found = this.#try(path, () => lstatSync(path, { bigint: true }));
    if (!found.ok) return found;
    return found.value.isSymbolicLink()
      ? this.#follow(tree, name, path)
      : this.#node(name, path, found.value, tree);
  }

  /** A link counts as what it leads to. */
  #follow(tree: TreeNode, name: string, path: string): Result<FileNode | TreeNode, Failure> {
    const target = this.#try(
      path,
      () => {
        const real = realpathSync.native(path);
        return { real, stat: statSync(real, { bigint: true }) };
      },
      "is a link that leads nowhere",
    );
    if (!target.ok) return target;
    const { real, stat } = target.value;
    if (this.#side === "bad-output" && !isInside(real, this.#root)) {
      return err(
        wrong(this.#side, path, `is a link that leads out of the output directory, to ${real}`),
      );
    }
    for (let above: TreeNode | undefined = tree; above !== undefined; above = above.parent) {
      if (above.path === real)
        return err(wrong(this.#side, path, "is a link that leads in a circle"));
    }
    return this.#node(name, real, stat, tree);
  }

  #node(
    name: string,
    path: string,
    stat: BigIntStats,
    parent: TreeNode | undefined,
  ): Result<FileNode | TreeNode, Failure> {
    if (stat.isFile()) return ok({ kind: "file", name, path, stat });
    if (!stat.isDirectory())
      return err(wrong(this.#side, path, `is ${sortOf(stat)}: it has no content`));
    const tree: TreeNode = { kind: "tree", name, path, parent, children: [] };
    this.#trees.push(tree);
    return ok(tree);
  }

  #try<T>(path: string, call: () => T, missing?: string): Result<T, Failure> {
    try {
      return ok(call());
    } catch (error) {
      const known = wrongBy(this.#side, path, error);
      if (known === undefined) throw error;
      return err(missing === undefined ? known : wrong(this.#side, path, missing));
    }
  }
}

/** Everything in a file or directory. `root` is followed, should it be a link. */
export function walk(side: Side, root: string): Result<Walked, Failure> {
  try {
    return new Walk(side, realpathSync.native(root)).run();
  } catch (error) {
    const known = wrongBy(side, root, error);
    if (known === undefined) throw error;
    return err(known);
  }
}

/** Undefined when one of them is no text: two such names could read the same. */
function namesIn(path: string): string[] | undefined {
  const names = readdirSync(path);
  const isDoubtful = names.some((name) => name.includes("\u{FFFD}"));
  if (!isDoubtful) return names;
  const raw = readdirSync(path, { encoding: "buffer" });
  return raw.every((name) => Buffer.from(name.toString()).equals(name)) ? names : undefined;
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function sortOf(stat: BigIntStats): string {
  if (stat.isSocket()) return "a socket";
  if (stat.isFIFO()) return "a FIFO";
  return "a device";
}
