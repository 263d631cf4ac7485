import path from "node:path";
import type { Digester } from "../../artifacts/digester.ts";
import type { Clock } from "../../base/clock.ts";
import { digestOf } from "../../base/digest.ts";
import type { Failure } from "../../domain/failure.ts";
import type { RunId } from "../../domain/ids.ts";
import type { Step } from "../../domain/plan.ts";
import { err, ok, type Result } from "../../domain/result.ts";

/** A digest is believed for so long: a thousand steps that share their code look at it once. */
const believedMs = 1_000;
/** Digests remembered at once. */
const mostKnown = 10_000;

/** Whose look at files it is: what one run saw a moment ago says nothing of what the next one will see. */
export type Onlooker = RunId | symbol;

type Known = Map<string, { readonly digest: string; readonly readMs: number }>;

/** What files and directories outside hold, remembered for a moment. */
export class Contents {
  readonly #digester: Digester;
  readonly #clock: Clock;
  readonly #known = new Map<Onlooker, Known>();
  #count = 0;

  constructor(digester: Digester, clock: Clock) {
    this.#digester = digester;
    this.#clock = clock;
  }

  /** The digest of what is there, where this one read it a moment ago. */
  recent(by: Onlooker, file: string, isCode = false): string | undefined {
    const known = this.#known.get(by)?.get(nameOf(file, isCode));
    if (known === undefined) return undefined;
    return this.#clock.monotonic() - known.readMs <= believedMs ? known.digest : undefined;
  }

  /** The same of a step's code: of none of it `""`. */
  recentCode(by: Onlooker, { code }: Step): string | undefined {
    const digests = code.map((file) => this.recent(by, file, true));
    return digests.every((digest) => digest !== undefined) ? codeDigest(code, digests) : undefined;
  }

  /** The digest of what is there now, or was a moment ago. */
  async read(by: Onlooker, file: string, isCode = false): Promise<Result<string, Failure>> {
    const recent = this.recent(by, file, isCode);
    return recent === undefined ? this.readAgain(by, file, isCode) : ok(recent);
  }

  /** The digest of what is there now. */
  async readAgain(by: Onlooker, file: string, isCode = false): Promise<Result<string, Failure>> {
    // What is forgotten while it is read stays forgotten.
    const known = this.#of(by);
    const readMs = this.#clock.monotonic();
    const content = await this.#digester.contentOf(file, isCode);
    if (!content.ok) return content;
    const name = nameOf(file, isCode);
    if (!known.has(name)) this.#count += 1;
    known.set(name, { digest: content.value.digest, readMs });
    return ok(content.value.digest);
  }

  async readCode(
    by: Onlooker,
    { code }: Step,
    read = (file: string) => this.read(by, file, true),
  ): Promise<Result<string, Failure>> {
    const digests: string[] = [];
    for (const digest of await Promise.all(code.map(read))) {
      if (!digest.ok) return err(digest.error);
      digests.push(digest.value);
    }
    return ok(codeDigest(code, digests));
  }

  /** Something ran, and may have written what was read before. */
  forget(by: Onlooker): void {
    this.#count -= this.#known.get(by)?.size ?? 0;
    this.#known.delete(by);
  }

  #of(by: Onlooker): Known {
    if (this.#count >= mostKnown) {
      this.#known.clear();
      this.#count = 0;
    }
    const known = this.#known.get(by) ?? (new Map() as Known);
    this.#known.set(by, known);
    return known;
  }
}

/** Files by their names and content; where they lie says nothing of what they do. */
function codeDigest(code: readonly string[], digests: readonly string[]): string {
  if (code.length === 0) return "";
  return digestOf(code.map((file, i) => ({ name: path.basename(file), digest: digests[i] })));
}

/** A directory that is code to one step may be data to another, and then counts whole. */
function nameOf(file: string, isCode: boolean): string {
  return isCode ? `code ${file}` : file;
}
