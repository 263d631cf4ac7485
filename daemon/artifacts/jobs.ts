import type { Artifact, TreeEntry } from "../domain/artifact.ts";
import type { Failure } from "../domain/failure.ts";
import type { Result } from "../domain/result.ts";
import type { RunWeight } from "../domain/retention.ts";
import type { Content } from "./content.ts";

/** Asks what is known of directories. */
export type Ask = (paths: readonly string[]) => Promise<readonly (string | undefined)[]>;

/** What was learnt of the files of a directory, to be stored for the next time. */
export interface DirectoryRecord {
  readonly path: string;
  readonly text: string;
}

/** A content, and what it cost to know it. */
export interface Digested {
  readonly content: Content;
  readonly records: readonly DirectoryRecord[];
  /** Bytes that were read; 0 when every file was known. */
  readonly readBytes: number;
}

/** What an artifact is; the entries of a tree, none of a file. */
export interface Listing {
  readonly type: Content["type"];
  readonly entries: readonly TreeEntry[];
}

/** An artifact that is not what it must be. */
export interface Rotten {
  readonly digest: string;
  /** What is wrong and where, as the end of a sentence. */
  readonly why: string;
}

/** A directory of which something could not be removed: the first thing, and why. */
export interface Stuck {
  readonly directory: string;
  readonly path: string;
  readonly why: string;
}

/** What a look at every byte found. */
export interface Verified {
  readonly artifacts: number;
  readonly files: number;
  readonly bytes: number;
  readonly rotten: readonly Rotten[];
}

/** One kind of work: what it takes and what it gives. */
interface Job<Params, Value> {
  readonly params: Params;
  readonly result: Result<Value, Failure>;
}

/** Everything that is done on the workers' threads: all of it waits for the disk, or reads and hashes. */
export interface Jobs {
  /** Digests a file or directory outside; `startedAt` is now. Of code, what was compiled of it is left out. */
  readonly digest: Job<
    { readonly path: string; readonly startedAt: number; readonly isCode: boolean },
    Digested
  >;
  /** Makes an artifact of an output directory, which stays as it is but read-only. */
  readonly keep: Job<
    { readonly directory: string; readonly outDir: string; readonly files: readonly string[] },
    Artifact
  >;
  /** Makes a list of artifacts. */
  readonly gather: Job<
    {
      readonly directory: string;
      readonly entries: readonly { readonly name: string; readonly digest: string }[];
    },
    Artifact
  >;
  /** What is in an artifact. */
  readonly list: Job<{ readonly directory: string; readonly digest: string }, Listing>;
  /** The entries of a tree, each made an artifact. */
  readonly unfold: Job<
    { readonly directory: string; readonly digest: string },
    readonly TreeEntry[]
  >;
  /** Puts a copy of an artifact outside. */
  readonly publish: Job<
    { readonly directory: string; readonly digest: string; readonly path: string },
    undefined
  >;
  /** Removes trees, whole. */
  readonly remove: Job<{ readonly paths: readonly string[] }, undefined>;
  /** Digests of all artifacts that are there. */
  readonly inventory: Job<{ readonly directory: string }, readonly string[]>;
  /** What removing these, one after the other, would free of the disk each. */
  readonly weigh: Job<
    { readonly directory: string; readonly digests: readonly string[] },
    readonly number[]
  >;
  /** Bytes of all files together, each counted once. */
  readonly measure: Job<{ readonly directory: string }, number>;
  /** Removes the files that no artifact has any more; gives their bytes. */
  readonly sweep: Job<{ readonly directory: string }, number>;
  /** What the directories of runs take of the disk, each by its logs and the rest. */
  readonly weighRuns: Job<{ readonly directories: readonly string[] }, readonly RunWeight[]>;
  /** Removes all of these but what tells their history. */
  readonly stripRuns: Job<{ readonly directories: readonly string[] }, readonly Stuck[]>;
  /** Removes these; what cannot be removed does not keep the rest. */
  readonly removeRuns: Job<{ readonly directories: readonly string[] }, readonly Stuck[]>;
  readonly verify: Job<{ readonly directory: string }, Verified>;
}

export type JobName = keyof Jobs;
export type JobParams<N extends JobName> = Jobs[N]["params"];
export type JobResult<N extends JobName> = Jobs[N]["result"];

/** What a worker is told. */
export type ToWorker =
  | { readonly kind: "job"; readonly name: JobName; readonly params: unknown }
  | { readonly kind: "records"; readonly texts: readonly (string | undefined)[] };

/** What a worker tells. */
export type FromWorker =
  /** What is known of these directories? */
  | { readonly kind: "ask"; readonly paths: readonly string[] }
  | { readonly kind: "done"; readonly result: unknown };
