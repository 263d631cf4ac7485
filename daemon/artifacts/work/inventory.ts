import { lstatSync, readdirSync, unlinkSync, type BigIntStats } from "node:fs";
import { basename } from "node:path";
import type { Place } from "../place.ts";

/** A file of the store: its path, and what the file system says of it. */
interface Blob {
  readonly path: string;
  /** By its name. */
  readonly digest: string;
  readonly stat: BigIntStats;
}

/** Digests of all artifacts that are there. */
export function inventory({ kept }: Place): string[] {
  return readdirSync(kept).flatMap((folder) => readdirSync(`${kept}/${folder}`));
}

/** Every file of the store once. */
export function* blobsOf({ blobs }: Place): Generator<Blob> {
  for (const folder of readdirSync(blobs)) {
    for (const name of readdirSync(`${blobs}/${folder}`)) {
      const path = `${blobs}/${folder}/${name}`;
      const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      // Swept meanwhile.
      if (stat !== undefined) yield { path, digest: basename(name, ".x"), stat };
    }
  }
}

/** Bytes of all files of the store together. */
export function measure(place: Place): number {
  let bytes = 0;
  for (const { stat } of blobsOf(place)) bytes += Number(stat.size);
  return bytes;
}

/**
 * Removes the files that no artifact has any more; gives their bytes. One that an artifact is just being
 * made of may lose its name here: the artifact keeps it, it is only not shared with later ones.
 */
export function sweep(place: Place): number {
  let bytes = 0;
  for (const { path, stat } of blobsOf(place)) {
    if (stat.nlink > 1n) continue;
    unlinkSync(path);
    bytes += Number(stat.size);
  }
  return bytes;
}
