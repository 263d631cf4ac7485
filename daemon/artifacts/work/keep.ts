import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import type { Artifact, TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { byName, treeOf, type Content } from "../content.ts";
import type { Place } from "../place.ts";
import { Shelf } from "./blobs.ts";
import { join, manifestOf, type Manifest } from "./manifest.ts";
import { build } from "./staging.ts";
import { wrong } from "./trouble.ts";
import { walk, type TreeNode } from "./walk.ts";

/** See {@link ArtifactStore.keep}. */
export function keep(
  place: Place,
  outDir: string,
  files: readonly string[],
): Result<Artifact, Failure> {
  // Somebody else's directory in its place would be made read-only, and shared.
  if (lstatSync(outDir, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    return err(wrong("bad-output", outDir, "is a link: the command replaced its output directory"));
  }
  const walked = walk("bad-output", outDir);
  if (!walked.ok) return walked;
  const { root, trees } = walked.value;
  if (root.kind === "file") return err(wrong("bad-output", outDir, "is a file, not a directory"));
  if (root.children.length === 0) {
    return err(wrong("bad-output", outDir, "is empty: the command wrote nothing into it"));
  }
  const missing = files.find((file) => !has(root, file));
  if (missing !== undefined) {
    return err(wrong("bad-output", join(outDir, missing), "was not written by the command"));
  }
  const shelf = new Shelf(place);
  const taken = take(shelf, trees);
  if (!taken.ok) return taken;
  const folders = new Set(shelf.added.map(dirname));
  const fill = (_: string, digest: string, type: "file" | "program", to: string): void => {
    shelf.link(digest, type, to);
  };
  return ok(build(place, taken.value, fill, [...shelf.added, ...folders]));
}

/** Whether a path from the top leads to something. */
function has(root: TreeNode, path: string): boolean {
  let here: TreeNode | undefined = root;
  let found = true;
  for (const name of path.split("/").filter((part) => part !== "" && part !== ".")) {
    const next: TreeNode["children"][number] | undefined = here?.children.find(
      (child) => child.name === name,
    );
    found = next !== undefined;
    here = next?.kind === "tree" ? next : undefined;
    if (!found) return false;
  }
  return found;
}

/** Takes every file in. Children come after their parents in `trees`. */
function take(shelf: Shelf, trees: readonly TreeNode[]): Result<Manifest, Failure> {
  const contents = new Map<TreeNode, Content>();
  const entriesOf = new Map<TreeNode, readonly TreeEntry[]>();
  for (const tree of trees.toReversed()) {
    const entries: TreeEntry[] = [];
    for (const child of tree.children) {
      const inner = child.kind === "tree" ? contents.get(child) : undefined;
      const entry =
        child.kind === "file" ? shelf.take(child) : inner && ok({ name: child.name, ...inner });
      if (entry === undefined) throw new Error("a directory came before what is in it");
      if (!entry.ok) return entry;
      entries.push(entry.value);
    }
    entries.sort(byName);
    entriesOf.set(tree, entries);
    contents.set(tree, treeOf(entries));
  }
  return ok(manifestOf(trees.map((tree) => [pathOf(tree), entriesOf.get(tree) ?? []])));
}

/** From the top. */
function pathOf(tree: TreeNode): string {
  const names: string[] = [];
  for (let here = tree; here.parent !== undefined; here = here.parent) {
    names.push(here.name);
  }
  return names.reverse().join("/");
}
