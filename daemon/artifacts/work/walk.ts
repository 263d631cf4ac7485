import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from "node:fs";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { wrong, wrongBy, type Side } from "./trouble.ts";

/** A file of a tree, at the path where its bytes are: a link's target, where it was one. */
export interface FileNode {
  readonly kind: "file";
  readonly name: string;
  readonly path: string;
}

/** What both a directory's entry and a look at a file tell. */
type Sort = Pick<Stats, "isFile" | "isDirectory" | "isSocket" | "isFIFO">;

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
  readonly #leftOut: string | undefined;
  readonly #trees: TreeNode[] = [];
  #entries = 0;

  constructor(side: Side, root: string, leftOut: string | undefined) {
    this.#side = side;
    this.#root = root;
    this.#leftOut = leftOut;
  }

  run(): Result<Walked, Failure> {
    const root = this.#node("", this.#root, statSync(this.#root), undefined);
    if (!root.ok) return root;
    for (let next = 0; next < this.#trees.length; next++) {
      const tree = this.#trees[next];
      const filled = tree && this.#fill(tree);
      if (filled?.ok === false) return filled;
    }
    return ok({ root: root.value, trees: this.#trees });
  }

  #fill(tree: TreeNode): Result<void, Failure> {
    const entries = this.#try(tree.path, () => entriesIn(tree.path));
    if (!entries.ok) return entries;
    if (entries.value === undefined) {
      return err(wrong(this.#side, tree.path, "holds a name that is not UTF-8"));
    }
    this.#entries += entries.value.length;
    if (this.#entries > mostEntries) {
      return err(wrong(this.#side, this.#root, `has more than ${mostEntries} entries`));
    }
    for (const entry of entries.value) {
      if (entry.name === this.#leftOut) continue;
      const path = `${tree.path}/${entry.name}`;
      const child = entry.isSymbolicLink()
        ? this.#follow(tree, entry.name, path)
        : this.#node(entry.name, path, entry, tree);
      if (!child.ok) return child;
      tree.children.push(child.value);
    }
    return ok(undefined);
  }

  /** A link counts as what it leads to. */
  #follow(tree: TreeNode, name: string, path: string): Result<FileNode | TreeNode, Failure> {
    const target = this.#try(
      path,
      () => {
        const real = realpathSync.native(path);
        return { real, stat: statSync(real) };
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
    sort: Sort,
    parent: TreeNode | undefined,
  ): Result<FileNode | TreeNode, Failure> {
    if (sort.isFile()) return ok({ kind: "file", name, path });
    if (!sort.isDirectory()) {
      return err(wrong(this.#side, path, `is ${wordFor(sort)}: it has no content`));
    }
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

/**
 * Everything in a file or directory, but for what is called `leftOut`. `root` is followed, should it be a link.
 */
export function walk(side: Side, root: string, leftOut?: string): Result<Walked, Failure> {
  try {
    return new Walk(side, realpathSync.native(root), leftOut).run();
  } catch (error) {
    const known = wrongBy(side, root, error);
    if (known === undefined) throw error;
    return err(known);
  }
}

/** Undefined when a name is no text: two such names could read the same. */
function entriesIn(path: string): Dirent[] | undefined {
  const entries = readdirSync(path, { withFileTypes: true });
  const isDoubtful = entries.some(({ name }) => name.includes("\u{FFFD}"));
  if (!isDoubtful) return entries;
  const raw = readdirSync(path, { encoding: "buffer" });
  return raw.every((name) => Buffer.from(name.toString()).equals(name)) ? entries : undefined;
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function wordFor(sort: Sort): string {
  if (sort.isSocket()) return "a socket";
  return sort.isFIFO() ? "a FIFO" : "a device";
}
