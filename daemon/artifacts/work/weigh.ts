import { lstatSync } from "node:fs";
import type { Place } from "../place.ts";
import { filesOf, join, readManifest } from "./manifest.ts";

/**
 * What removing these artifacts, one after the other, would free of the disk each. A file is freed when
 * the last artifact that has it goes.
 */
export function weigh(place: Place, digests: readonly string[]): number[] {
  const namesGone = new Map<bigint, number>();
  return digests.map((digest) => {
    const manifest = readManifest(place, digest);
    if (!manifest.ok) return 0;
    let freed = 0;
    for (const [path, file] of filesOf(manifest.value)) {
      const stat = statOf(join(place.contentOf(digest), path));
      if (stat === undefined) continue;
      const gone = (namesGone.get(stat.ino) ?? 0) + 1;
      namesGone.set(stat.ino, gone);
      const shelved = isShelved(place, file.digest, stat.ino) ? 1 : 0;
      if (Number(stat.nlink) - shelved === gone) freed += Number(stat.size);
    }
    return freed;
  });
}

function isShelved(place: Place, digest: string, inode: bigint): boolean {
  const types = ["file", "program"] as const;
  return types.some((type) => statOf(place.blobOf(digest, type))?.ino === inode);
}

function statOf(path: string) {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}
