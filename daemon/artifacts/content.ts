import { hash } from "node:crypto";
import type { Artifact, TreeEntry } from "../domain/artifact.ts";

/** What a file or a directory holds. */
export type Content = Omit<TreeEntry, "name">;

/** An entry without what it weighs: all that decides a tree's digest. */
type Named = Pick<TreeEntry, "name" | "type" | "digest">;

/** Code-unit order, the same on every machine and in every locale. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/**
 * Digest of a tree: SHA-256 of the canonical JSON of its entries, by name. The text is put together by
 * hand, the keys in their order: a directory may have 50,000 entries.
 */
function treeDigest(sorted: readonly Named[]): string {
  const texts = sorted.map(
    ({ name, type, digest }) =>
      `{"digest":"${digest}","name":${JSON.stringify(name)},"type":"${type}"}`,
  );
  return hash("sha256", `[${texts.join(",")}]`);
}

/** A tree of these entries, which must be sorted by name. */
export function treeOf(sorted: readonly TreeEntry[]): Content & { readonly type: "tree" } {
  let [bytes, files] = [0, 0];
  for (const entry of sorted) {
    bytes += entry.bytes;
    files += entry.files;
  }
  return { type: "tree", digest: treeDigest(sorted), bytes, files };
}

/** The artifact that a content is. */
export function artifactOf({ digest, bytes, files }: Content): Artifact {
  return { digest, bytes, files };
}
