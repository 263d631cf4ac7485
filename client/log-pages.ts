import type { MethodResult, Params } from "../daemon/protocol/methods.ts";
import { ok, type Result } from "../daemon/protocol/units.ts";
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
  /** Of a run of many steps. */
  readonly step?: string | undefined;
  readonly attempt: number;
  readonly offset: number;
}

/** Which of the two a command wrote to. */
export type Stream = Params<"run.log">["stream"];
/** A page as the daemon answers it, its bytes decoded. */
export type LogPage = Omit<MethodResult<"run.log">, "base64"> & { readonly bytes: Uint8Array };

/** What a reader of a log meets on the way. */
export type LogEvent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Bytes that are gone: the log went over its cap. */
  | { readonly kind: "hole"; readonly bytes: number }
  /** Another attempt has begun; what follows is its log. */
  | { readonly kind: "attempt"; readonly number: number; readonly step: string | undefined }
  /** Nothing runs yet. */
  | { readonly kind: "waiting" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** How long one call may wait for news, in ms; the first one is short, so that waiting is told of. */
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
  let { offset, ...place } = from;
  for (;;) {
    const page = await readPage(link, pin(target, place), stream, { offset });
    if (!page.ok) {
      yield { kind: "refused", refusal: page.error };
      return;
    }
    yield* eventsOf(page.value);
    if (page.value.attempt === 0) yield { kind: "waiting" };
    if (page.value.next <= offset || page.value.ended) return;
    offset = page.value.next;
    place = page.value;
  }
}

/**
 * Reads a log from a place and goes on with what is written, through restarts of the daemon and from
 * attempt to attempt and step to step, until the run has ended (or the attempt, where the target names one).
 * `target.run` is an id: `last` would come to mean another run on the way.
 *
 * While an attempt is read it is named in every call, since offsets are its own; once it is over the
 * newest one is asked for, which answers when there is a next one or when there will be none.
 */
export async function* followLog(
  link: Link,
  target: LogTarget,
  stream: Stream,
  from: LogPlace,
): AsyncGenerator<LogEvent, void> {
  let { offset, ...place }: LogPlace = from;
  // Where the logs that are over end: of steps that ran at once, one is the newest again when another has ended.
  const left = new Map<string, number>();
  let isOver = false;
  let waitMs = firstNewsMs;
  for (;;) {
    const isPinned = !isOver && place.attempt > 0;
    const asked = isPinned ? pin(target, place) : target;
    const page = await readPage(link, asked, stream, { offset, waitMs });
    if (!page.ok) {
      yield { kind: "refused", refusal: page.error };
      return;
    }
    const { attempt, step } = page.value;
    if (isOver && (attempt !== place.attempt || step !== place.step)) {
      left.set(nameOf(place), offset);
      place = { attempt, step };
      const end = left.get(nameOf(place));
      if (end === undefined) yield { kind: "attempt", number: attempt, step };
      offset = end ?? 0;
      isOver = end !== undefined;
      continue;
    }
    yield* eventsOf(page.value);
    offset = page.value.next;
    place = { attempt, step };
    if (page.value.ended && (!isPinned || target.attempt !== undefined)) return;
    isOver = page.value.ended;
    if (attempt === 0) yield { kind: "waiting" };
    waitMs = newsMs;
  }
}

/** The same target, held to an attempt whose offsets are already known. */
export function pin(target: LogTarget, { attempt, step }: Omit<LogPlace, "offset">): LogTarget {
  if (attempt === 0) return target;
  return { ...target, attempt, ...(step !== undefined && { step }) };
}

function nameOf({ attempt, step = "" }: Omit<LogPlace, "offset">): string {
  return `${step} ${attempt}`;
}

function* eventsOf(page: LogPage): Generator<LogEvent, void> {
  if (page.dropped > 0) yield { kind: "hole", bytes: page.dropped };
  if (page.bytes.length > 0) yield { kind: "bytes", bytes: page.bytes };
}
