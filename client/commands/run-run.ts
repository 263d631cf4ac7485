import type { Command } from "commander";
import { isFinal, type Result } from "../../daemon/protocol/units.ts";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { interruptedCode } from "../exit-code.ts";
import { addExamples } from "../help-text.ts";
import { followLog, type Stream } from "../log-pages.ts";
import { LogPrinter } from "../log-printer.ts";
import { ProgressWatch } from "../progress-watch.ts";
import type { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";
import { addSubmitOptions, toSubmitParams } from "./submit-options.ts";

type Ended = MethodResult<"run.wait">["runs"][number];

/** `run`: submit in the foreground; its output comes here and its exit code is ours. */
export function define(command: Command, act: Act): void {
  command.description(
    "Submit a command and stay with it: its output appears here as it is written, and the exit code is its own.",
  );
  addExamples(command, "blutctl run --mem 4G -- make -j8");
  addSubmitOptions(command)
    .addHelpText("after", "\nCtrl-C cancels the run, a second one kills it at once.")
    .action((argv: [string, ...string[]]) =>
      act(command, async (session) => {
        const params = toSubmitParams(command, argv, session.around);
        const answer = await session.link.call("run.submit", params);
        if (!answer.ok) return session.refuse(answer.error);
        session.output.note(`${answer.value.id} submitted`);
        return new Foreground(session, answer.value.id).follow();
      }),
    );
}

/** One run in the foreground: its output, its Ctrl-C, its end. */
class Foreground {
  readonly #session: Session;
  readonly #id: string;
  #interrupts = 0;
  #said = "";

  constructor(session: Session, id: string) {
    this.#session = session;
    this.#id = id;
  }

  /** Follows to the end and answers the run's exit code. */
  async follow(): Promise<number> {
    const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<number>();
    const stop = this.#session.around.onInterrupt(() => {
      if (++this.#interrupts > 2) giveUp(interruptedCode);
      else void this.#cancel();
    });
    const progress = new ProgressWatch(this.#session, [this.#id]);
    progress.start();
    try {
      return await Promise.race([this.#toItsEnd(), gaveUp]);
    } finally {
      progress.stop();
      stop();
    }
  }

  async #toItsEnd(): Promise<number> {
    const refusals = await Promise.all([this.#print("stdout"), this.#print("stderr")]);
    const refusal = refusals.find((found) => found !== undefined);
    if (refusal !== undefined) return this.#session.refuse(refusal);
    const ended = await this.#ended();
    if (!ended.ok) return this.#session.refuse(ended.error);
    const { output } = this.#session;
    if (output.json) output.value(ended.value);
    if (ended.value.exitCode !== 0) output.note(`${this.#id} ${ended.value.sentence}`);
    return ended.value.exitCode ?? 0;
  }

  /** With `--json` stdout is for the one value, so that the command's own goes to stderr as well. */
  #print(stream: Stream): Promise<Refusal | undefined> {
    const { output, link } = this.#session;
    const sink = stream === "stderr" || output.json ? output.stderr : output.stdout;
    const printer = new LogPrinter(output, stream, sink, false);
    const pages = followLog(link, { run: this.#id }, stream, { attempt: 0, offset: 0 });
    return printer.drain(pages, () => (stream === "stdout" ? this.#sayWhy() : Promise.resolve()));
  }

  /** Says what it waits for, once for every new reason. */
  async #sayWhy(): Promise<void> {
    const answer = await this.#session.link.callPatiently("run.explain", { run: this.#id });
    const wait = answer.ok ? answer.value.wait : undefined;
    if (wait === undefined || wait.reason === this.#said) return;
    this.#said = wait.reason;
    this.#session.output.note(`waiting: ${wait.message}`);
  }

  async #ended(): Promise<Result<Ended, Refusal>> {
    for (;;) {
      const answer = await this.#session.link.callPatiently("run.wait", { runs: [this.#id] });
      if (!answer.ok) return answer;
      const [ended] = answer.value.runs;
      if (ended !== undefined && isFinal(ended.state)) return { ok: true, value: ended };
    }
  }

  async #cancel(): Promise<void> {
    const now = this.#interrupts > 1;
    const { output, link } = this.#session;
    output.note(
      now ? `killing ${this.#id}` : `cancelling ${this.#id}; Ctrl-C again kills it at once`,
    );
    const params = { runs: [this.#id], reason: "Ctrl-C in blutctl run", now };
    const answer = await link.callPatiently("run.cancel", params);
    // It may have ended by itself meanwhile; then there is nothing to say.
    if (!answer.ok && answer.error.reason !== "wrong-state") this.#session.refuse(answer.error);
  }
}
