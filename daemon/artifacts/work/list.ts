import type { TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Listing } from "../jobs.ts";
import type { Place } from "../place.ts";
import { linkOrCopy } from "./blobs.ts";
import { join, manifestOf, readManifest, type Manifest } from "./manifest.ts";
import { build } from "./staging.ts";
import { wrong } from "./trouble.ts";

/** See {@link ArtifactStore.list}. */
export function list(place: Place, digest: string): Result<Listing, Failure> {
  const read = readManifest(place, digest);
  if (!read.ok) return read;
  const { content, trees } = read.value;
  return ok({ type: content.type, entries: trees[0]?.[1] ?? [] });
}

/** See {@link ArtifactStore.entries}. */
export function unfold(place: Place, digest: string): Result<readonly TreeEntry[], Failure> {
  const read = readManifest(place, digest);
  if (!read.ok) return read;
  const [top] = read.value.trees;
  if (top === undefined) {
    return err(wrong("bad-input", `artifact ${digest}`, "is a file: it has no entries"));
  }
  keepEntries(place, digest, read.value.trees, top[1]);
  return ok(top[1]);
}

function keepEntries(
  place: Place,
  digest: string,
  trees: Manifest["trees"],
  entries: readonly TreeEntry[],
): void {
  const below = byFirstName(trees);
  for (const entry of entries) {
    const from = join(place.contentOf(digest), entry.name);
    build(place, manifestOfEntry(entry, below.get(entry.name) ?? []), (path, _d, _t, to) => {
      linkOrCopy(join(from, path), to);
    });
  }
}

/** A file that stands alone is its content only: whether it may be executed is said by the list. */
function manifestOfEntry(entry: TreeEntry, trees: Manifest["trees"]): Manifest {
  if (entry.type === "tree") return manifestOf(trees);
  const { digest, bytes } = entry;
  return { version: 1, content: { type: "file", digest, bytes, files: 1 }, trees: [] };
}

/** The directories under each entry of the top, their paths from there. */
function byFirstName(trees: Manifest["trees"]): Map<string, Manifest["trees"][number][]> {
  const found = new Map<string, Manifest["trees"][number][]>();
  for (const [path, entries] of trees) {
    if (path === "") continue;
    const [name = "", ...rest] = path.split("/");
    const under = found.get(name) ?? [];
    under.push([rest.join("/"), entries]);
    found.set(name, under);
  }
  return found;
}
