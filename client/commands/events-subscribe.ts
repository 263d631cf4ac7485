import type { Command } from "commander";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { exitCodes } from "../../daemon/protocol/units.ts";
import type { Connection } from "../connection.ts";
import { interruptedCode } from "../exit-code.ts";
import { addExamples } from "../help-text.ts";
import { eventLine, type BlutEvent } from "../render/event-line.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";
import { readCount } from "./submit-options.ts";

type Gap = Pick<MethodResult<"events.list">, "missed" | "next">;

/** Without a cursor the last so many are shown. */
const lastFew = 50;
const pageSize = 1000;

/** `events`: what happened since a cursor, one line each, and with `-f` what happens from then on. */
export function define(command: Command, act: Act): void {
  command.description("Show what happened, a line for each event, and with -f what happens.");
  addExamples(command, "blutctl events -f");
  command
    .option("-f, --follow", "go on with what happens until Ctrl-C")
    .option(
      "--since <seq>",
      "after this event; 0 is the beginning (else the last 50; with -f, now)",
      readCount,
    )
    .action(() =>
      act(command, async (session) => {
        const { follow, since } = command.opts<{ follow?: true; since?: number }>();
        const stream = new EventStream(session);
        if (follow !== true) return stream.list(since);
        return session.untilInterrupted(stream.follow(since), () => interruptedCode);
      }),
    );
}

/** Prints events in their order, and counts those that are gone. */
class EventStream {
  readonly #session: Session;
  #cursor = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Everything from a cursor to now. */
  async list(since: number | undefined): Promise<number> {
    const { link } = this.#session;
    const newest = await link.call("events.subscribe", {});
    if (!newest.ok) return this.#session.refuse(newest.error);
    this.#cursor = since ?? Math.max(0, newest.value.cursor - lastFew);
    while (this.#cursor < newest.value.cursor) {
      const page = await link.call("events.list", { since: this.#cursor, limit: pageSize });
      if (!page.ok) return this.#session.refuse(page.error);
      const { missed, next, events } = page.value;
      // Asked for the last few, nobody misses what is older.
      if (missed > 0 && since !== undefined) this.#gap({ missed, next });
      for (const event of events) this.#event(event);
      if (next <= this.#cursor && events.length === 0) break;
      this.#cursor = Math.max(this.#cursor, next);
    }
    return exitCodes.success.code;
  }

  /** Everything from a cursor on, through restarts of the daemon. */
  async follow(since: number | undefined): Promise<number> {
    const { link } = this.#session;
    let connection = await link.open();
    let from = since;
    for (;;) {
      if (!connection.ok) return this.#session.refuse(connection.error);
      const refused = await this.#subscribe(connection.value, from);
      if (refused !== undefined) return refused;
      await connection.value.closed;
      from = this.#cursor;
      connection = await link.reopen(connection.value);
    }
  }

  async #subscribe(connection: Connection, since: number | undefined): Promise<number | undefined> {
    connection.onNotice(({ method, params }) => {
      if (method === "events.event") this.#event(params as BlutEvent);
      if (method === "events.gap") this.#gap(params as Gap);
    });
    const answer = await connection.call("events.subscribe", since === undefined ? {} : { since });
    if (answer.ok) this.#cursor = Math.max(this.#cursor, since ?? answer.value.cursor);
    return answer.ok || answer.error.reason === "no-answer"
      ? undefined
      : this.#session.refuse(answer.error);
  }

  #event(event: BlutEvent): void {
    const { output } = this.#session;
    this.#cursor = Math.max(this.#cursor, event.seq);
    if (output.json) output.value(event);
    else output.result(eventLine(event, output.style));
  }

  #gap(gap: Gap): void {
    const { output } = this.#session;
    this.#cursor = Math.max(this.#cursor, gap.next);
    if (output.json) output.value(gap);
    else output.note(`${gap.missed} events are gone; going on after #${gap.next}`);
  }
}
