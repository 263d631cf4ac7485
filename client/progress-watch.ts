import type { BlutEvent } from "./render/event-line.ts";
import type { Connection } from "./connection.ts";
import { progressBar, type Progress } from "./render/progress-bar.ts";
import type { Style } from "./render/style.ts";
import type { Session } from "./session.ts";

/** A line on the terminal that says how far the steps of some runs are, as their stages tell it. */
export class ProgressWatch {
  readonly #session: Session;
  readonly #runs: ReadonlySet<string>;
  /** The steps that are under way; the one that spoke last is the last. */
  readonly #steps = new Map<string, Progress & { readonly label: string }>();
  readonly #told = new Set<string>();
  #isOver = false;

  constructor(session: Session, runs: readonly string[]) {
    this.#session = session;
    this.#runs = new Set(runs);
  }

  /** Begins, where there is a terminal to draw on. */
  start(): void {
    const { output } = this.#session;
    if (output.stderr.isTTY === true && !output.json && !output.quiet) void this.#follow();
  }

  /** Takes the line away. */
  stop(): void {
    this.#isOver = true;
    this.#session.output.status(() => "");
  }

  /** Through restarts of the daemon; who waits for the run says what is wrong when it stays away. */
  async #follow(): Promise<void> {
    const { link } = this.#session;
    let connection = await link.open();
    while (connection.ok && !this.#isOver) {
      await this.#listen(connection.value);
      await connection.value.closed;
      connection = await link.reopen(connection.value);
    }
  }

  async #listen(connection: Connection): Promise<void> {
    connection.onNotice(({ method, params }) => {
      if (method === "events.event" && !this.#isOver) this.#take(params as BlutEvent);
    });
    await connection.call("events.subscribe", {});
  }

  #take({ kind, runId = "", attemptId = "", facts }: BlutEvent): void {
    if (!this.#runs.has(runId)) return;
    if (kind === "step.problem") this.#tell(this.#label(runId, facts), attemptId, facts);
    if (kind === "step.progress") {
      this.#steps.delete(attemptId);
      this.#steps.set(attemptId, { label: this.#label(runId, facts), ...progressOf(facts) });
    } else if (kind !== "attempt.ended" || !this.#steps.delete(attemptId)) return;
    this.#session.output.status((style) => this.#line(style));
  }

  /** A stage that is not understood should hear of it from whoever watches: once of each sort. */
  #tell(label: string, attemptId: string, { reason, detail }: BlutEvent["facts"]): void {
    if (typeof reason !== "string" || typeof detail !== "string") return;
    const sort = `${attemptId} ${reason}`;
    if (this.#told.has(sort)) return;
    this.#told.add(sort);
    const whose = label === "" ? "" : `${label}: `;
    this.#session.output.note(`${whose}its events: ${reason}, ${detail}`);
  }

  /** The step that spoke last, and how many others are under way. */
  #line(style: Style): string {
    const newest = [...this.#steps.values()].at(-1);
    if (newest === undefined) return "";
    const others = this.#steps.size - 1;
    const more = others === 0 ? "" : `  +${others}`;
    return progressBar(style, newest.label, newest, style.width - 1 - more.length) + more;
  }

  /** The one step of a command needs no name, nor does the one run that is waited for. */
  #label(runId: string, { step }: BlutEvent["facts"]): string {
    const words = [...(this.#runs.size > 1 ? [runId] : []), ...(step === "main" ? [] : [step])];
    return words.filter((word) => typeof word === "string").join("/");
  }
}

function progressOf({ done, total, message }: BlutEvent["facts"]): Progress {
  return {
    done: Number(done),
    ...(typeof total === "number" && { total }),
    ...(typeof message === "string" && { message }),
  };
}
