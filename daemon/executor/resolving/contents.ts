import path from "node:path";
import type { Digester } from "../../artifacts/digester.ts";
import type { Clock } from "../../base/clock.ts";
import { digestOf } from "../../base/digest.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Step } from "../../domain/plan.ts";
import { err, ok, type Result } from "../../domain/result.ts";

/** A digest is believed for so long: a thousand steps that share their code look at it once. */
const believedMs = 1_000;
/** Digests remembered at once. */
const mostKnown = 10_000;

/** What files and directories outside hold, remembered for a moment. */
export class Contents {
  readonly #digester: Digester;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly digest: string; readonly readMs: number }>();

  constructor(digester: Digester, clock: Clock) {
    this.#digester = digester;
    this.#clock = clock;
  }

  /** The digest of what is there, where it was read a moment ago. */
  recent(file: string): string | undefined {
    const known = this.#known.get(file);
    if (known === undefined) return undefined;
    return this.#clock.monotonic() - known.readMs <= believedMs ? known.digest : undefined;
  }

  /** The same of a step's code: of none of it `""`. */
  recentCode({ code }: Step): string | undefined {
    const digests = code.map((file) => this.recent(file));
    return digests.every((digest) => digest !== undefined) ? codeDigest(code, digests) : undefined;
  }

  /** The digest of what is there now, or was a moment ago. */
  async read(file: string): Promise<Result<string, Failure>> {
    const recent = this.recent(file);
    return recent === undefined ? this.readAgain(file) : ok(recent);
  }

  /** The digest of what is there now. */
  async readAgain(file: string): Promise<Result<string, Failure>> {
    const readMs = this.#clock.monotonic();
    const content = await this.#digester.contentOf(file);
    if (!content.ok) return content;
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(file, { digest: content.value.digest, readMs });
    return ok(content.value.digest);
  }

  async readCode(
    { code }: Step,
    read = (file: string) => this.read(file),
  ): Promise<Result<string, Failure>> {
    const digests: string[] = [];
    for (const digest of await Promise.all(code.map(read))) {
      if (!digest.ok) return err(digest.error);
      digests.push(digest.value);
    }
    return ok(codeDigest(code, digests));
  }
}

/** Files by their names and content; where they lie says nothing of what they do. */
function codeDigest(code: readonly string[], digests: readonly string[]): string {
  if (code.length === 0) return "";
  return digestOf(code.map((file, i) => ({ name: path.basename(file), digest: digests[i] })));
}
