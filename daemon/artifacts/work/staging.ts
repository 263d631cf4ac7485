import { chmodSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import type { Artifact } from "../../domain/artifact.ts";
import { artifactOf } from "../content.ts";
import type { Place } from "../place.ts";
import { settle } from "./blobs.ts";
import { filesOf, join, writeManifest, type Manifest } from "./manifest.ts";
import { removeTree } from "./remove-tree.ts";
import { syncAll, syncPath } from "./sync.ts";

/** Puts a file of the manifest, by its path from the top, at this path. */
type Fill = (path: string, digest: string, type: "file" | "program", to: string) => void;

/**
 * Makes the artifact that a manifest describes: whole under a name of no meaning, then forced to the
 * disk, then given its name. One that is there already stays. `unsynced`: what `fill` links and is not
 * on the disk yet.
 */
export function build(
  place: Place,
  manifest: Manifest,
  fill: Fill,
  unsynced: readonly string[] = [],
): Artifact {
  const { content, trees } = manifest;
  const folder = place.of(content.digest);
  if (existsSync(place.manifestOf(content.digest))) return artifactOf(content);
  // A folder that lost its manifest is none: nobody could ever read it, and it is in the way.
  if (existsSync(folder)) renameSync(folder, place.spare());
  const staging = place.spare();
  const top = `${staging}/content`;
  mkdirSync(staging, { mode: 0o700 });
  const made = trees.map(([path]) => join(top, path));
  for (const tree of made) mkdirSync(tree, { mode: 0o755 });
  for (const [path, file] of filesOf(manifest)) {
    if (file.type !== "tree") fill(path, file.digest, file.type, join(top, path));
  }
  for (const tree of made) chmodSync(tree, 0o555);
  const file = `${staging}/manifest.json`;
  writeManifest(file, manifest);
  syncAll([file, ...unsynced, ...made, staging]);
  if (settle(staging, folder)) syncPath(dirname(folder));
  else removeTree(staging);
  return artifactOf(content);
}
