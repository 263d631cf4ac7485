import { randomUUID } from "node:crypto";
import { digestOf } from "../base/digest.ts";

/** Where everything of the artifact directory lies. */
export class Place {
  /** Absolute; only its owner may enter it. */
  readonly directory: string;
  /** What is under way; nothing in it is of use after a crash. */
  readonly temporary: string;
  /** Every file once, by the digest of its bytes; programs apart, because links share their mode. */
  readonly blobs: string;
  /** Every artifact whole: `content` and the manifest of what is in it. */
  readonly kept: string;
  /** What was put outside, by the digest of the path. */
  readonly published: string;

  /** `temporary`: where one job keeps what it is at, apart from all others. */
  constructor(directory: string, temporary = `${directory}/tmp`) {
    this.directory = directory;
    this.temporary = temporary;
    this.blobs = `${directory}/blobs`;
    this.kept = `${directory}/kept`;
    this.published = `${directory}/published`;
  }

  /** A path among what is under way at which nothing is. */
  spare(): string {
    return `${this.temporary}/${randomUUID()}`;
  }

  /** The folder of one artifact. */
  of(digest: string): string {
    return `${this.kept}/${digest.slice(0, 2)}/${digest}`;
  }

  /** The file or the tree that an artifact is. */
  contentOf(digest: string): string {
    return `${this.of(digest)}/content`;
  }

  manifestOf(digest: string): string {
    return `${this.of(digest)}/manifest.json`;
  }

  blobOf(digest: string, type: "file" | "program"): string {
    return `${this.blobs}/${digest.slice(0, 2)}/${digest}${type === "program" ? ".x" : ""}`;
  }

  publicationOf(path: string): string {
    return `${this.published}/${digestOf(path)}.json`;
  }
}
