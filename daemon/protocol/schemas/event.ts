import { z } from "zod";
import { eventKinds } from "../../domain/event.ts";
import * as c from "./common.ts";

export const event = z.strictObject({
  seq: z.int(),
  at: c.instant,
  kind: z.enum(eventKinds),
  runId: z.string().optional(),
  attemptId: z.string().optional(),
  facts: z.record(z.string(), z.json()),
});

const cursor = z.int().min(0).describe("`seq` of the last event already seen; 0 is the beginning");

export const listParams = z.strictObject({ since: cursor.default(0), ...c.page });
export const listResult = z.strictObject({
  events: z.array(event),
  missed: z.int().describe("events between the cursor and the first one that were already dropped"),
  next: z.int().describe("the cursor to go on from"),
});

export const subscribeParams = z.strictObject({
  since: cursor.optional().describe("absent: only what is new"),
});
export const subscribeResult = z.strictObject({ cursor: z.int() });

/** Parameters of the notification `events.event`. */
export const eventNotice = event;
/** Parameters of the notification `events.gap`: so many events were dropped; go on after `next`. */
export const gapNotice = z.strictObject({ missed: z.int(), next: z.int() });
