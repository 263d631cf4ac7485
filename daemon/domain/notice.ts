/**
 * What a person may be told of: a run that failed, the first success of its name after a failure, and work
 * that is held up and will not go on by itself.
 */
export const noticeKinds = ["failure", "recovery", "hold"] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** The ways a notice may go. */
export const noticeWays = ["command", "webhook", "desktop"] as const;
export type NoticeWay = (typeof noticeWays)[number];

/** One thing that happened. */
export interface NewsItem {
  readonly kind: NoticeKind;
  /** Epoch ms. */
  readonly at: number;
  /** Of the run or the schedule; of a hold, what is held. */
  readonly name: string;
  /** How it is, for a person. */
  readonly sentence: string;
  readonly runId?: string;
  readonly exitCode?: number;
  readonly schedule?: string;
}

/** What a notice tells of. */
export interface News {
  /** The first of them; the rest is only counted. */
  readonly items: readonly NewsItem[];
  readonly counts: Readonly<Record<NoticeKind, number>>;
  /** Events that were dropped from the log before anybody could be told of them. */
  readonly missedEvents: number;
}

/** What came of sending a notice one way. `skipped`: nobody is there to take it, which is no fault. */
export interface NoticeOutcome {
  readonly way: NoticeWay;
  readonly result: "sent" | "skipped" | "failed";
  readonly tries: number;
  /** Why it was skipped or failed. */
  readonly because?: string;
}

/**
 * A notice.
 *
 *     open --its time has come--> due --every way was tried--> over
 */
export const noticeStates = ["open", "due", "over"] as const;
export type NoticeState = (typeof noticeStates)[number];
