import type { NoticeWay } from "../../domain/notice.ts";
import type { Message } from "../message.ts";

/** What came of one try. `skipped`: nobody is there to take it. */
export type Sent =
  | { readonly result: "sent" }
  | { readonly result: "skipped"; readonly because: string }
  | {
      readonly result: "failed";
      readonly because: string;
      /** The same again may go well. */
      readonly mayPass: boolean;
      /** How long whoever takes it wants to be left alone. */
      readonly retryAfterMs?: number;
    };

/** One way to tell people. It never throws, and ends soon after `signal` or its own timeout. */
export interface Way {
  readonly name: NoticeWay;
  send(message: Message, signal: AbortSignal): Promise<Sent>;
}

/** A failure of one try. */
export function failed(because: string, mayPass: boolean, retryAfterMs?: number): Sent {
  return {
    ...{ result: "failed", because, mayPass },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
