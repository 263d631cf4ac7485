import { readFileSync, writeFileSync } from "node:fs";
import type { TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { errorCode } from "../../base/system-error.ts";
import { treeOf, type Content } from "../content.ts";
import type { Place } from "../place.ts";
import { wrong } from "./trouble.ts";

/**
 * Everything in an artifact: the entries of each of its directories, by the path from its top; none for an
 * artifact that is a file. Parents come first.
 */
export interface Manifest {
  readonly version: 1;
  readonly content: Content;
  readonly trees: readonly (readonly [path: string, entries: readonly TreeEntry[]])[];
}

/** The manifest of these directories, whose first is the top. */
export function manifestOf(trees: Manifest["trees"]): Manifest {
  return { version: 1, content: treeOf(trees[0]?.[1] ?? []), trees };
}

export function writeManifest(file: string, manifest: Manifest): void {
  writeFileSync(file, JSON.stringify(manifest), { mode: 0o400, flag: "wx" });
}

/** What a kept artifact holds; `bad-input` when it is not there, or the disk did not keep it. */
export function readManifest(place: Place, digest: string): Result<Manifest, Failure> {
  try {
    return ok(JSON.parse(readFileSync(place.manifestOf(digest), "utf8")) as Manifest);
  } catch (error) {
    if (error instanceof SyntaxError) {
      const what =
        "is damaged in the store; blutctl cache verify takes it out, and it is made again";
      return err(wrong("bad-input", `artifact ${digest}`, what));
    }
    if (errorCode(error) !== "ENOENT") throw error;
    return err(wrong("bad-input", `artifact ${digest}`, "is not in the store"));
  }
}

/** Every file of it with its path from the top; the empty path for an artifact that is a file. */
export function* filesOf({ content, trees }: Manifest): Generator<readonly [string, Content]> {
  if (content.type !== "tree") yield ["", content];
  for (const [path, entries] of trees) {
    for (const entry of entries) {
      if (entry.type !== "tree") yield [join(path, entry.name), entry];
    }
  }
}

/** A path inside an artifact and a name under it. */
export function join(path: string, name: string): string {
  if (path === "") return name;
  return name === "" ? path : `${path}/${name}`;
}
