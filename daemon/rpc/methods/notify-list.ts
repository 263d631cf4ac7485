import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";

/** What people were told, newest first, and how the ways stand. */
export const notifyList = define("notify.list", ({ limit }, { store, teller }) => {
  const { ways, failing } = teller.standing();
  return ok({
    ways: ways.map((way) => ({ way, failures: 0, ...failing[way] })),
    notices: store.notices.newest(limit).map((notice) => {
      const { id, state, openedAt, overAt, news, outcomes = [] } = notice;
      const { title, text } = teller.messageOf(notice);
      return {
        ...{ id, state, openedAt, title, text, counts: { ...news.counts } },
        ...(overAt !== undefined && { overAt }),
        outcomes: [...outcomes],
      };
    }),
  });
});
