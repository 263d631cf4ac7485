import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Books } from "./weighing.ts";

/** Fewer free pages are kept for the next rows: 4 MiB. */
const leastFree = 1024;
/** A file of which more than this share is free is made smaller. */
const largestShare = 1 / 4;
/** One change moves so many: others wait for it. */
const pagesAtOnce = 50;

/** Makes the database's file smaller when much of it is free, a few pages at a time. */
export async function shrink({ store, write }: Books): Promise<Result<void, Failure>> {
  if (store.pages.free < store.pages.all * largestShare) return ok(undefined);
  for (;;) {
    const before = store.pages.free;
    if (before < leastFree) return ok(undefined);
    const shrunk = await write(() => {
      store.giveBack(pagesAtOnce);
      return ok(undefined);
    });
    if (!shrunk.ok) return shrunk;
    // A database that was made before it could shrink stays as large as it is.
    if (store.pages.free >= before) return ok(undefined);
  }
}
