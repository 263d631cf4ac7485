import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "../../base/system-error.ts";
import type { TreeEntry } from "../../domain/artifact.ts";
import type { Failure } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Place } from "../place.ts";
import { fileEntry, readFile } from "./read-file.ts";
import type { FileNode } from "./walk.ts";

/** The kernel refuses a link here: another file system, too many names, or a file that is not ours. */
const unlinkable = ["EXDEV", "EMLINK", "EPERM", "EOPNOTSUPP"];

/** Takes files of output directories into the store, each content once. */
export class Shelf {
  readonly #place: Place;
  /** New files, not forced to the disk yet. */
  readonly added: string[] = [];
  /** Names of our own for files that may have no other: a sweep would take them before the artifact has them. */
  readonly #held = new Map<string, string>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** Takes a file in and gives its entry. The file stays where it is, read-only. */
  take({ name, path }: FileNode): Result<TreeEntry, Failure> {
    const found = readFile("bad-output", path);
    if (!found.ok) return found;
    // Somebody else has a name for it, and may write through that: then it is not ours to keep.
    const isShared = found.value.stat.nlink > 1;
    const own = isShared ? this.#copied(path) : path;
    const read = isShared ? readFile("bad-output", own) : found;
    if (!read.ok) return read;
    const { digest, stat } = read.value;
    const entry = fileEntry(name, stat, digest);
    this.#shelve(own, isShared, digest, entry.type === "program" ? "program" : "file");
    return ok(entry);
  }

  /** Gives a file of the store one more name. */
  link(digest: string, type: "file" | "program", to: string): void {
    const blob = this.#place.blobOf(digest, type);
    linkOrCopy(this.#held.get(blob) ?? blob, to);
  }

  #copied(path: string): string {
    const copy = this.#place.spare();
    copyFileSync(path, copy, constants.COPYFILE_FICLONE);
    return copy;
  }

  /** `isOurs`: the file at `path` is a copy of our own, and goes into the store or away. */
  #shelve(path: string, isOurs: boolean, digest: string, type: "file" | "program"): void {
    const blob = this.#place.blobOf(digest, type);
    if (this.#hold(blob)) {
      if (isOurs) unlinkSync(path);
      return;
    }
    mkdirSync(dirname(blob), { recursive: true, mode: 0o700 });
    const mode = type === "program" ? 0o555 : 0o444;
    const own = isOurs ? path : this.#secondName(path, mode);
    chmodSync(own, mode);
    // Our name goes to the store where the output directory has one, too.
    if (statSync(own).nlink > 1) renameSync(own, blob);
    else this.#shelveCopy(own, blob);
    this.added.push(blob);
  }

  /** Whether a file is in the store, and stays there for as long as we are at it. */
  #hold(blob: string): boolean {
    if (this.#held.has(blob)) return true;
    const own = this.#place.spare();
    try {
      linkSync(blob, own);
    } catch (error) {
      // One that may have no more names has many already; a file system without links cannot do better.
      if (unlinkable.includes(errorCode(error) ?? "")) return existsSync(blob);
      if (errorCode(error) === "ENOENT") return false;
      throw error;
    }
    this.#held.set(blob, own);
    return true;
  }

  #shelveCopy(own: string, blob: string): void {
    try {
      linkSync(own, blob);
      this.#held.set(blob, own);
    } catch (error) {
      if (![...unlinkable, "EEXIST"].includes(errorCode(error) ?? "")) throw error;
      renameSync(own, blob);
    }
  }

  /** A name of ours for a file that becomes read-only; for a copy of it where the kernel refuses that. */
  #secondName(path: string, mode: number): string {
    const own = this.#place.spare();
    try {
      chmodSync(path, mode);
      linkSync(path, own);
    } catch (error) {
      if (!unlinkable.includes(errorCode(error) ?? "")) throw error;
      copyFileSync(path, own, constants.COPYFILE_FICLONE);
    }
    return own;
  }
}

/** One more name for a file; a copy where the file has as many as it can have. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!unlinkable.includes(errorCode(error) ?? "")) throw error;
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    chmodSync(to, statSync(from).mode & 0o777);
  }
}

/** Puts a finished folder in its place; false when it was there already. */
export function settle(from: string, to: string): boolean {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}
