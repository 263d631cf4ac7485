import { failure } from "../../domain/failure.ts";
import { err, ok } from "../../domain/result.ts";
import { makeReport } from "../../report/make-report.ts";
import { define } from "../context.ts";
import { diskView, failureViews, reportView } from "../views/report-view.ts";

/** What happened in a span: runs, failures, memory, the box, schedules. */
export const reportGet = define("report.get", async (params, context) => {
  const { store, config, clock, timers } = context;
  const { sinceAt, untilAt = clock.now(), minutes, bars, courses } = params;
  if (untilAt <= sinceAt) {
    const message = "report.get: untilAt: expected an instant after sinceAt";
    return err(failure("invalid-request", message, "give a span that has a length"));
  }
  const { memory, admission } = config;
  const ask = { sinceAt, untilAt, minutes, bars, courses };
  // Which rest, and which there still are, is known once they have been read.
  await timers.loaded;
  const stateOf = (name: string) => timers.timetable.stateOf(name);
  const report = await makeReport({ store, memory, admission, stateOf }, ask);
  return ok({
    ...{ sinceAt, untilAt },
    ...reportView(context, report),
    failures: await failureViews(context, report.failures),
    disk: await diskView(context, ask),
  });
});
