/** An immutable output, named by the digest of its content: SHA-256 in hex, of a file or of a tree. */
export interface Artifact {
  readonly digest: string;
  /** Content of all its files together. */
  readonly bytes: number;
  readonly files: number;
}

/** An artifact as one step sees it. The kind belongs to the use, not to the content. */
export interface ArtifactUse {
  readonly digest: string;
  readonly kind: string;
}

/** One entry of a tree: its name, whether it may be executed, and the digest of its content. */
export interface TreeEntry {
  readonly name: string;
  readonly type: "file" | "program" | "tree";
  readonly digest: string;
  /** Content of all files under it together. */
  readonly bytes: number;
  readonly files: number;
}

/**
 * Everything that decides what a step's result is, part by part, so that a miss can name the part that
 * changed. Resources, limits, attempts, launchers and paths are not among them.
 */
export interface KeyParts {
  readonly stage: { readonly name: string; readonly version: string };
  /** Digest of the content of the step's code. */
  readonly code: string;
  /** The command's words, its inputs and directories by name, never by path. */
  readonly command: string;
  /** Canonical arguments. */
  readonly args: string;
  /** Variables that the step adds to the environment. */
  readonly env: string;
  readonly inputs: Readonly<Record<string, ArtifactUse>>;
  readonly output: string;
}

/** Where a step can go on from when it is tried again. */
export interface Checkpoint {
  /** The cache key of the step that wrote it, empty where it has none: another key starts afresh. */
  readonly key: string;
  /** Absolute path. */
  readonly file: string;
  /** How far it had come, as the stage counts. */
  readonly step?: number;
  readonly at: number;
}

/** Why a step's result is not there, or that it is. */
export type CacheVerdict =
  | {
      readonly kind: "hit";
      readonly key: string;
      readonly artifact: string;
      readonly runId: string;
    }
  /** `changed`: parts that differ from the nearest result of the same step; none when there never was one. */
  | { readonly kind: "miss"; readonly key: string; readonly changed: readonly string[] }
  /** Its inputs are not known before these steps have run. */
  | { readonly kind: "unknown"; readonly after: readonly string[] }
  | { readonly kind: "never" };
