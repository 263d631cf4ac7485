import { randomUUID } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { makeDirectory } from "../../base/make-directory.ts";
import { errorCode } from "../../base/system-error.ts";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { treeOf } from "../content.ts";
import type { Ask } from "../jobs.ts";
import type { Place } from "../place.ts";
import { digestOutside } from "./digest-outside.ts";
import { filesOf, join, readManifest, type Manifest } from "./manifest.ts";
import { removeTree } from "./remove-tree.ts";
import { syncAll, syncPath } from "./sync.ts";
import { wrong } from "./trouble.ts";

/** See {@link ArtifactStore.publish}. */
export async function publish(
  place: Place,
  digest: string,
  path: string,
): Promise<Result<undefined, Failure>> {
  const read = readManifest(place, digest);
  if (!read.ok) return read;
  try {
    const there = await digestThere(path);
    if (there !== digest) {
      if (there !== undefined && there !== recorded(place, path)) return err(taken(path));
      put(place, read.value, path);
    }
    record(place, path, digest);
    return ok(undefined);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    const why = error instanceof Error ? error.message : code;
    return err(wrong("bad-output", path, `could not be written: ${why}`));
  }
}

/** What is at the path now; undefined when it is free: nothing, or an empty directory. */
async function digestThere(path: string): Promise<string | undefined> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  // A link is somebody's; what it leads to is not looked at.
  if (!stat.isDirectory() && !stat.isFile()) return "strange";
  const nothingKnown: Ask = (paths) => Promise.resolve(paths.map(() => undefined));
  const digested = await digestOutside(path, { startedAt: 0 }, nothingKnown);
  if (!digested.ok) return "strange";
  const { content } = digested.value;
  return content.digest === emptyTree ? undefined : content.digest;
}

const emptyTree = treeOf([]).digest;

function put(place: Place, manifest: Manifest, path: string): void {
  makeDirectory(dirname(path));
  const beside = `${dirname(path)}/.${basename(path)}.blut-${randomUUID()}`;
  const old = `${beside}.old`;
  try {
    copyOut(place, manifest, beside);
    // No call swaps two directories in Node: for a moment there is none.
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) renameSync(path, old);
    swapIn(beside, path, old);
    syncPath(dirname(path));
    removeTree(old);
  } finally {
    removeTree(beside);
  }
}

function swapIn(from: string, path: string, old: string): void {
  try {
    renameSync(from, path);
  } catch (error) {
    if (existsSync(old)) renameSync(old, path);
    throw error;
  }
}

/** A copy that its owner may change: the artifact's own files are shared and never leave the store. */
function copyOut(place: Place, manifest: Manifest, to: string): void {
  const from = place.contentOf(manifest.content.digest);
  const trees = manifest.trees.map(([path]) => join(to, path));
  for (const tree of trees) mkdirSync(tree);
  const files: string[] = [];
  for (const [path, { type }] of filesOf(manifest)) {
    const file = join(to, path);
    copyFileSync(join(from, path), file, constants.COPYFILE_FICLONE);
    chmodSync(file, type === "program" ? 0o755 : 0o644);
    files.push(file);
  }
  syncAll([...files, ...trees]);
}

/** What we put at the path the last time. */
function recorded(place: Place, path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(place.publicationOf(path), "utf8")) as { digest: string })
      .digest;
  } catch (error) {
    if (errorCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function record(place: Place, path: string, digest: string): void {
  const temporary = place.spare();
  writeFileSync(temporary, JSON.stringify({ path, digest }), { mode: 0o600 });
  renameSync(temporary, place.publicationOf(path));
}

function taken(path: string): Failure {
  return wrong(
    "bad-output",
    path,
    "is there already and is not what blut put there: it stays as it is; move it away to have the output published",
  );
}
