import { noticeKinds, type News, type NewsItem, type NoticeKind } from "../domain/notice.ts";

/** A notice as it goes out: the same bytes at every try. */
export interface Message {
  readonly id: string;
  /** `mixed`: several things of several kinds. */
  readonly kind: NoticeKind | "mixed" | "test";
  readonly title: string;
  /** A line for each item that is listed. */
  readonly text: string;
  /** All of it as JSON. */
  readonly body: string;
  /** The one thing it tells of, if it is one. */
  readonly only?: NewsItem;
}

/** From whom it comes. */
export interface Sender {
  readonly host: string;
  readonly version: string;
}

const words: Readonly<Record<NoticeKind, readonly [one: string, many: string]>> = {
  failure: ["1 failure", "failures"],
  recovery: ["1 recovery", "recoveries"],
  hold: ["1 hold", "holds"],
};

/** Puts a notice into words and into JSON. */
export function messageOf(
  { id, openedAt, news }: { readonly id: string; readonly openedAt: number; readonly news: News },
  sender: Sender,
): Message {
  const { items, counts, missedEvents } = news;
  const present = noticeKinds.filter((kind) => counts[kind] > 0);
  const total = present.reduce((sum, kind) => sum + counts[kind], 0);
  const [first] = items;
  const only = total === 1 && missedEvents === 0 ? first : undefined;
  const kind = present.length === 1 ? (present[0] ?? "mixed") : "mixed";
  const summed = present.map((each) => counted(each, counts[each])).join(", ");
  const title = `blut on ${sender.host}: ${only === undefined ? summed : headline(only)}`;
  const leftOut = total - items.length;
  const lines = [
    ...items.map((item) => (only === undefined ? line(item) : item.sentence)),
    ...(leftOut > 0 ? [`and ${leftOut} more: blutctl runs`] : []),
    ...(missedEvents > 0 ? [`${missedEvents} events before that were dropped unseen`] : []),
  ];
  const facts = { version: 1, id, kind, host: sender.host, blut: sender.version, at: openedAt };
  const text = lines.join("\n");
  const body = JSON.stringify({ ...facts, title, text, counts, leftOut, missedEvents, items });
  return { id, kind, title, text, body, ...(only !== undefined && { only }) };
}

/** What `notify test` sends. */
export function testMessage(id: string, at: number, sender: Sender): Message {
  const title = `blut on ${sender.host}: a test`;
  const text = "Somebody asked for this notice. What fails on this box will be told like it.";
  const facts = { version: 1, id, kind: "test", host: sender.host, blut: sender.version, at };
  const counts = { failure: 0, recovery: 0, hold: 0 };
  const rest = { counts, leftOut: 0, missedEvents: 0, items: [] };
  return {
    id,
    kind: "test",
    title,
    text,
    body: JSON.stringify({ ...facts, title, text, ...rest }),
  };
}

function headline({ kind, name }: NewsItem): string {
  switch (kind) {
    case "failure":
      return `${name} failed`;
    case "recovery":
      return `${name} is well again`;
    case "hold":
      return `${name} is held`;
  }
}

function counted(kind: NoticeKind, count: number): string {
  const [one, many] = words[kind];
  return count === 1 ? one : `${count} ${many}`;
}

function line({ name, runId, sentence }: NewsItem): string {
  return `${runId === undefined ? name : `${name} (${runId})`}: ${sentence}`;
}
