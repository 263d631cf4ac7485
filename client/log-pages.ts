import type { MethodResult, Params } from "../daemon/protocol/methods.ts";
import { isFinal, ok, type Result } from "../daemon/protocol/units.ts";
import type { Link } from "./link.ts";
import type { Refusal } from "./refusal.ts";

/** Whose log: a run, perhaps one of its steps, perhaps one of its attempts (else the newest). */
export interface LogTarget {
  readonly run: string;
  readonly step?: string;
  readonly attempt?: number;
}

/** A place in a log: an offset in the log of one attempt; attempt 0 is whichever is the newest. */
export interface LogPlace {
  readonly attempt: number;
  readonly offset: number;
}

export type Stream = Params<"run.log">["stream"];
export type LogPage = Omit<MethodResult<"run.log">, "base64"> & { readonly bytes: Uint8Array };

/** What a reader of a log meets on the way. */
export type LogEvent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Bytes that are gone: the log went over its cap. */
  | { readonly kind: "hole"; readonly bytes: number }
  /** Another attempt has begun; what follows is its log. */
  | { readonly kind: "attempt"; readonly number: number }
  /** Nothing runs yet. */
  | { readonly kind: "waiting" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** How long one call may wait for news, in ms; before the first attempt it is asked again sooner. */
const newsMs = 30_000;
const firstNewsMs = 1000;

/** Reads one page. */
export async function readPage(
  link: Link,
  target: LogTarget,
  stream: Stream,
  where: { readonly offset: number; readonly waitMs?: number; readonly limit?: number },
): Promise<Result<LogPage, Refusal>> {
  const answer = await link.callPatiently("run.log", { ...target, stream, ...where });
  if (!answer.ok) return answer;
  const { base64, ...rest } = answer.value;
  return ok({ ...rest, bytes: Buffer.from(base64, "base64") });
}

/** Reads one attempt's log from a place to where it ends now. */
export async function* readLog(
  link: Link,
  target: LogTarget,
  stream: Stream,
  from: LogPlace,
): AsyncGenerator<LogEvent, void> {
  let { offset, attempt } = from;
  for (;;) {
    const page = await readPage(link, pin(target, attempt), stream, { offset });
    if (!page.ok) {
      yield { kind: "refused", refusal: page.error };
      return;
    }
    yield* eventsOf(page.value);
    if (page.value.attempt === 0) yield { kind: "waiting" };
    if (page.value.next <= offset || page.value.ended) return;
    ({ next: offset, attempt } = page.value);
  }
}

/**
 * Reads a log from a place and goes on with what is written, through restarts of the daemon and from
 * attempt to attempt, until the run has ended (or the attempt, where the target names one).
 * `target.run` is an id: `last` would come to mean another run on the way.
 */
export async function* followLog(
  link: Link,
  target: LogTarget,
  stream: Stream,
  from: LogPlace,
): AsyncGenerator<LogEvent, void> {
  let { offset, attempt } = from;
  for (;;) {
    const waitMs = attempt === 0 ? firstNewsMs : newsMs;
    const page = await readPage(link, pin(target, attempt), stream, { offset, waitMs });
    if (!page.ok) {
      yield { kind: "refused", refusal: page.error };
      return;
    }
    yield* eventsOf(page.value);
    const { bytes, ended } = page.value;
    ({ next: offset, attempt } = page.value);
    if (bytes.length > 0 && !ended) continue;
    const standing = await standingOf(link, target.run, attempt);
    if (!standing.ok) {
      yield { kind: "refused", refusal: standing.error };
      return;
    }
    if (standing.value === "over") return;
    if (target.attempt !== undefined && standing.value !== "live") return;
    if (standing.value === "waiting") yield { kind: "waiting" };
    if (standing.value === "next") {
      if (attempt > 0) yield { kind: "attempt", number: attempt + 1 };
      attempt += 1;
      offset = 0;
    }
  }
}

/** Is the attempt live, over with the run, is there a next one to go on with, or has that yet to come? */
async function standingOf(
  link: Link,
  run: string,
  attempt: number,
): Promise<Result<"live" | "over" | "waiting" | "next", Refusal>> {
  const answer = await link.callPatiently("run.get", { run });
  if (!answer.ok) return answer;
  const { attempts, state, history } = answer.value;
  if (attempts > attempt) return ok("next");
  if (isFinal(state)) return ok("over");
  if (history.some(({ number, state }) => number === attempt && state !== "ended"))
    return ok("live");
  // Nothing follows here until the next attempt; the daemon answers at once when there will be none.
  if (attempt > 0) await link.callPatiently("run.wait", { runs: [run], waitMs: firstNewsMs });
  return ok("waiting");
}

/** The same target, held to an attempt whose offsets are already known. */
export function pin(target: LogTarget, attempt: number): LogTarget {
  return attempt === 0 ? target : { ...target, attempt };
}

function* eventsOf(page: LogPage): Generator<LogEvent, void> {
  if (page.dropped > 0) yield { kind: "hole", bytes: page.dropped };
  if (page.bytes.length > 0) yield { kind: "bytes", bytes: page.bytes };
}
