import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Link } from "../../client/link.ts";
import { Output } from "../../client/output.ts";
import { ProgressWatch } from "../../client/progress-watch.ts";
import { Session } from "../../client/session.ts";
import type { Sink } from "../../client/sink.ts";
import { StatusLine } from "../../client/status-line.ts";
import type { BlutEvent } from "../../daemon/domain/event.ts";
import { ClientRig } from "../support/client-rig.ts";
import type { ScriptedDaemon } from "../support/scripted-daemon.ts";

/** A terminal that only knows newlines and how to clear its line; tells of every change. */
class Terminal implements Sink {
  readonly isTTY = true;
  readonly columns = 60;
  #text = "";
  readonly #waiting = new Set<() => void>();

  write(data: string | Uint8Array): void {
    this.#text += Buffer.from(data).toString();
    for (const wake of this.#waiting) wake();
  }

  /** What a person sees. */
  get lines(): string[] {
    return this.#text
      .split("\n")
      .map((line) => line.slice(line.lastIndexOf("\u001b[2K") + 1).replace(/^\[2K/, ""));
  }

  async shows(line: string): Promise<void> {
    while (this.lines.at(-1) !== line) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }
}

describe("the line at the bottom of a terminal", () => {
  it("makes room for everything else, and comes back below", () => {
    const terminal = new Terminal();
    const line = new StatusLine(terminal);
    line.show("1/3");
    line.writeAround(terminal, "epoch one\n");
    expect(terminal.lines).toEqual(["epoch one", "1/3"]);
    line.writeAround(terminal, Buffer.from("half a"));
    line.show("2/3");
    expect(terminal.lines).toEqual(["epoch one", "half a"]);
    line.writeAround(terminal, " line\n");
    expect(terminal.lines).toEqual(["epoch one", "half a line", "2/3"]);
    line.show("");
    expect(terminal.lines).toEqual(["epoch one", "half a line", ""]);
  });

  it("is not there where there is no terminal", () => {
    const written: unknown[] = [];
    const file: Sink = { write: (data) => written.push(data) };
    const line = new StatusLine(file);
    line.show("1/3");
    line.writeAround(file, "x");
    expect(written).toEqual(["x"]);
  });
});

describe("the progress of runs", () => {
  let rig: ClientRig;
  let daemon: ScriptedDaemon;
  let tell: (event: Partial<BlutEvent>) => void;
  let subscribed: Promise<void>;
  let terminal: Terminal;
  let output: Output;
  let link: Link;
  beforeEach(async () => {
    rig = new ClientRig();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    subscribed = promise;
    daemon = await rig.daemon({
      "events.unsubscribe": () => ({}),
      "events.subscribe": (_, { notify }) => {
        let seq = 0;
        tell = (event) => {
          const whole = { seq: ++seq, at: 0, facts: {}, kind: "step.progress", ...event };
          notify("events.event", { runId: "run_1", attemptId: "att_1", ...whole });
        };
        resolve(undefined);
        return { cursor: 0 };
      },
    });
    terminal = new Terminal();
  });
  afterEach(() => {
    link.close();
    return rig.close();
  });

  function watch(runs: readonly string[], json = false): ProgressWatch {
    const streams = { stdout: terminal, stderr: terminal };
    const manner = { json, quiet: false, color: "never" } as const;
    output = new Output(streams, { LANG: "C.UTF-8" }, manner, 0);
    link = new Link(rig.socket, () => undefined);
    const around = {
      env: {},
      cwd: () => "/",
      readInput: () => Promise.resolve(""),
      onInterrupt: () => () => undefined,
    };
    const watching = new ProgressWatch(
      new Session(link, output, around, { words: "wait", options: [] }),
      runs,
    );
    watching.start();
    return watching;
  }

  const bar = (full: number): string => "█".repeat(full) + "░".repeat(20 - full);

  it("is a bar that moves, and is gone when the attempt is over", async () => {
    watch(["run_1"]);
    await subscribed;
    tell({ facts: { step: "main", done: 1, total: 4 } });
    await terminal.shows(`${bar(5)} 1/4 25%`);
    tell({ runId: "run_2", facts: { step: "main", done: 4, total: 4 } });
    tell({ facts: { step: "main", done: 2, total: 4, message: "a\u001b[2Jb ".repeat(9) } });
    await terminal.shows(`${bar(10)} 2/4 50%  a\\x1b[2Jb a\\x1b[2Jb a\\x1b[2J…`);
    output.note("a note");
    expect(terminal.lines.slice(-2)).toEqual(["a note", terminal.lines.at(-1)]);
    tell({ kind: "attempt.ended" });
    await terminal.shows("");
  });

  it("names the step where there are several, and the run where those are", async () => {
    const watching = watch(["run_1", "run_2"]);
    await subscribed;
    tell({ facts: { step: "train", done: 3 } });
    await terminal.shows("run_1/train 3");
    tell({ runId: "run_2", attemptId: "att_2", facts: { step: "main", done: 1, total: 1 } });
    await terminal.shows(`run_2 ${bar(20)} 1/1 100%  +1`);
    watching.stop();
    expect(terminal.lines).toEqual([""]);
  });

  it("makes room for what a stage says wrong, once of each sort", async () => {
    watch(["run_1"]);
    await subscribed;
    const facts = { step: "train", reason: "not-json", detail: "line 3", count: 1 };
    tell({ facts: { step: "train", done: 1, total: 4 } });
    tell({ kind: "step.problem", facts });
    tell({ kind: "step.problem", facts: { ...facts, detail: "line 9\u001b[2J" } });
    tell({ kind: "step.problem", facts: { ...facts, reason: "too-long" } });
    tell({ facts: { step: "train", done: 2, total: 4 } });
    await terminal.shows(`train ${bar(10)} 2/4 50%`);
    expect(terminal.lines.slice(0, -1)).toEqual([
      "train: its events: not-json, line 3",
      "train: its events: too-long, line 3",
    ]);
  });

  it("is not asked for where the answer is for a program", async () => {
    watch(["run_1"], true);
    await link.call("events.unsubscribe", {});
    expect(daemon.calls.map(({ method }) => method)).toEqual(["events.unsubscribe"]);
    expect(terminal.lines).toEqual([""]);
  });
});
