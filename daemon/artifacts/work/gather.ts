import type { Artifact, TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { byName } from "../content.ts";
import type { Place } from "../place.ts";
import { linkOrCopy } from "./blobs.ts";
import { join, manifestOf, readManifest, type Manifest } from "./manifest.ts";
import { build } from "./staging.ts";
import { wrong } from "./trouble.ts";

interface Part {
  readonly name: string;
  readonly digest: string;
}

/** See {@link ArtifactStore.gather}. */
export function gather(place: Place, parts: readonly Part[]): Result<Artifact, Failure> {
  const sorted = parts.toSorted(byName);
  const twin = sorted.find(({ name }, index) => name === sorted[index + 1]?.name);
  const bad = twin ?? sorted.find(({ name }) => !isEntryName(name));
  if (bad !== undefined) {
    const what = twin === undefined ? "is no name of an entry" : "is there twice";
    return err(wrong("bad-input", JSON.stringify(bad.name), what));
  }
  const entries: TreeEntry[] = [];
  const inner: Manifest["trees"][number][] = [];
  for (const { name, digest } of sorted) {
    const read = readManifest(place, digest);
    if (!read.ok) return read;
    entries.push({ ...read.value.content, name });
    for (const [path, children] of read.value.trees) inner.push([join(name, path), children]);
  }
  const digests = new Map(sorted.map(({ name, digest }) => [name, digest]));
  const fill = (path: string, _digest: string, _type: string, to: string): void => {
    linkOrCopy(sourceOf(place, digests, path), to);
  };
  return ok(build(place, manifestOf([["", entries], ...inner]), fill));
}

/** Where a file of the list lies in the artifact that its first part names. */
function sourceOf(place: Place, digests: ReadonlyMap<string, string>, path: string): string {
  const [name = "", ...rest] = path.split("/");
  return join(place.contentOf(digests.get(name) ?? ""), rest.join("/"));
}

function isEntryName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}
