import { z } from "zod";
import { noticeKinds, noticeStates, noticeWays } from "../../domain/notice.ts";
import * as c from "./common.ts";

const outcome = z.strictObject({
  way: z.enum(noticeWays),
  result: z
    .enum(["sent", "skipped", "failed"])
    .describe("skipped: nobody is there to take it, such as no desktop"),
  tries: z.int(),
  because: z.string().optional().describe("why it was skipped or failed"),
});

export const testResult = z.strictObject({
  outcomes: z.array(outcome).describe("of each way that is set; none where none is"),
});

export const listParams = z.strictObject({ ...c.page });
export const listResult = z.strictObject({
  ways: z.array(
    z.strictObject({
      way: z.enum(noticeWays),
      failures: z.int().describe("in a row"),
      since: c.instant.optional(),
      because: z.string().optional(),
    }),
  ),
  notices: z
    .array(
      z.strictObject({
        id: z.string(),
        state: z.enum(noticeStates).describe("open: it takes in what happens until it goes out"),
        openedAt: c.instant,
        overAt: c.instant.optional().describe("when every way had been tried"),
        title: z.string(),
        text: z.string(),
        counts: z.record(z.enum(noticeKinds), z.int()),
        outcomes: z.array(outcome),
      }),
    )
    .describe("newest first"),
});
