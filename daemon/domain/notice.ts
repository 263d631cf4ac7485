/**
 * What a person may be told of: a run that failed, the first success of its name after a failure, and work
 * that is held up and will not go on by itself.
 */
export const noticeKinds = ["failure", "recovery", "hold"] as const;
export type NoticeKind = (typeof noticeKinds)[number];
