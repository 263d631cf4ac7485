import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { treeOf } from "../content.ts";
import type { Rotten, Verified } from "../jobs.ts";
import type { Place } from "../place.ts";
import { blobsOf, inventory } from "./inventory.ts";
import { filesOf, join, readManifest, type Manifest } from "./manifest.ts";
import { readFile } from "./read-file.ts";

/**
 * Reads every byte of the store once and compares it with its digest. A file that is not what its name
 * says loses that name, so that no later artifact is made of it.
 */
export function verify(place: Place): Verified {
  const check = new Check(place);
  const shelved = check.blobs();
  const digests = inventory(place);
  const rotten = digests.flatMap((digest): Rotten[] => {
    const why = check.artifact(digest);
    return why === undefined ? [] : [{ digest, why }];
  });
  return { artifacts: digests.length, ...shelved, rotten };
}

class Check {
  readonly #place: Place;
  /** What each file really holds, by its inode; undefined when it cannot be read. */
  readonly #held = new Map<bigint, string | undefined>();

  constructor(place: Place) {
    this.#place = place;
  }

  blobs(): { readonly files: number; readonly bytes: number } {
    let [files, bytes] = [0, 0];
    for (const { path, digest, stat } of blobsOf(this.#place)) {
      files++;
      bytes += Number(stat.size);
      if (this.#holds(path) !== digest) unlinkSync(path);
    }
    return { files, bytes };
  }

  /** What is wrong with it; undefined when it is as it was made. */
  artifact(digest: string): string | undefined {
    let manifest: Manifest;
    try {
      const read = readManifest(this.#place, digest);
      if (!read.ok) return "its manifest cannot be read";
      manifest = read.value;
      if (!isSound(manifest, digest)) return "its manifest is not the one of this digest";
    } catch {
      return "its manifest cannot be read";
    }
    const top = this.#place.contentOf(digest);
    for (const [path, entries] of manifest.trees) {
      if (
        !isListing(
          join(top, path),
          entries.map(({ name }) => name),
        )
      ) {
        return `${path === "" ? "its top directory" : path} does not hold the names it was kept with`;
      }
    }
    for (const [path, file] of filesOf(manifest)) {
      if (this.#holds(join(top, path)) !== file.digest) {
        return path === "" ? "its bytes changed" : `${path} changed`;
      }
    }
    return undefined;
  }

  #holds(path: string): string | undefined {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat?.isFile() !== true) return undefined;
    if (!this.#held.has(stat.ino)) {
      const read = readFile("bad-input", path);
      this.#held.set(stat.ino, read.ok ? read.value.digest : undefined);
    }
    return this.#held.get(stat.ino);
  }
}

/** Whether every directory of the manifest has the digest that is said of it further up. */
function isSound({ content, trees }: Manifest, digest: string): boolean {
  const digests = new Map(trees.map(([path, entries]) => [path, treeOf(entries).digest]));
  const top = content.type === "tree" ? digests.get("") : content.digest;
  return (
    top === digest &&
    trees.every(([path, entries]) =>
      entries.every(
        (entry) => entry.type !== "tree" || digests.get(join(path, entry.name)) === entry.digest,
      ),
    )
  );
}

function isListing(directory: string, names: readonly string[]): boolean {
  const there = lstatSync(directory, { throwIfNoEntry: false });
  if (there?.isDirectory() !== true) return false;
  const found = new Set(readdirSync(directory));
  return found.size === names.length && names.every((name) => found.has(name));
}
