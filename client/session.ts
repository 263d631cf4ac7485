import type { MethodName, MethodResult, Params } from "../daemon/protocol/methods.ts";
import { exitCodes } from "../daemon/protocol/units.ts";
import { exitCodeOfRefusal } from "./exit-code.ts";
import type { Link } from "./link.ts";
import type { Output } from "./output.ts";
import type { Refusal } from "./refusal.ts";
import type { Style } from "./render/style.ts";
import { asTyped } from "./typed.ts";
import type { UsedVerb } from "./used-verb.ts";

/** The surroundings a verb may ask about. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
  /** All of standard input as text. */
  readInput(): Promise<string>;
  /** Calls back at every Ctrl-C from now on, instead of ending the program; answers how to stop that. */
  onInterrupt(listener: () => void): () => void;
}

/** Turns a method's answer into text for a person. */
type Render<M extends MethodName> = (result: MethodResult<M>, style: Style) => string;

/** What one verb works with: the way to the daemon, the way to the caller, and where it was called. */
export class Session {
  readonly link: Link;
  readonly output: Output;
  readonly around: Surroundings;
  readonly #verb: UsedVerb;

  constructor(link: Link, output: Output, around: Surroundings, verb: UsedVerb) {
    this.link = link;
    this.output = output;
    this.around = around;
    this.#verb = verb;
  }

  /** The life of most verbs: call, answer, exit code. */
  ask<M extends MethodName>(method: M, params: Params<M>, render: Render<M>): Promise<number> {
    return this.#call(method, params, (result) => {
      this.output.answer(result, render);
    });
  }

  /** As {@link ask} for a verb that changes something: its answer is in its exit code already. */
  order<M extends MethodName>(method: M, params: Params<M>, render: Render<M>): Promise<number> {
    return this.#call(method, params, (result) => {
      this.output.confirm(result, render);
    });
  }

  async #call<M extends MethodName>(
    method: M,
    params: Params<M>,
    show: (result: MethodResult<M>) => void,
  ): Promise<number> {
    const answer = await this.link.call(method, params);
    if (!answer.ok) return this.refuse(answer.error);
    show(answer.value);
    return exitCodes.success.code;
  }

  /** Says why not and answers the exit code for it. */
  refuse(refusal: Refusal): number {
    this.output.refuse(asTyped(refusal, this.#verb));
    return exitCodeOfRefusal(refusal.reason);
  }

  /** Does `work` until it is done or Ctrl-C is pressed; then `onStop` answers the exit code. */
  async untilInterrupted(work: Promise<number>, onStop: () => number): Promise<number> {
    const { promise: interrupted, resolve } = Promise.withResolvers<number>();
    const stopListening = this.around.onInterrupt(() => {
      // A line about what is no longer looked at would stay on the terminal.
      this.output.status(() => "");
      resolve(onStop());
    });
    try {
      return await Promise.race([work, interrupted]);
    } finally {
      stopListening();
    }
  }
}
