import type { Command } from "commander";
import { exitCodes, ok, type Result } from "../../daemon/protocol/units.ts";
import { interruptedCode } from "../exit-code.ts";
import {
  followLog,
  pin,
  readLog,
  readPage,
  type LogPlace,
  type LogTarget,
  type Stream,
} from "../log-pages.ts";
import { addExamples } from "../help-text.ts";
import { LogPrinter } from "../log-printer.ts";
import { readTail } from "../log-tail.ts";
import { usage, type Refusal } from "../refusal.ts";
import { runOrStep, runSelector } from "../run-selector.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";
import { readCount } from "./submit-options.ts";

interface LogOptions {
  readonly follow?: true;
  readonly full?: true;
  readonly lines?: number;
  readonly stdout?: true;
  readonly stderr?: true;
  readonly attempt?: number;
  readonly raw?: true;
}

/** A terminal is spared more than this unless it asks for it. */
const terminalLines = 1000;
/** Further elements of a step that are named where it has no log itself. */
const mostNamed = 2;

/** `log`: what a run wrote; stdout goes to stdout and stderr to stderr, unless one of them is picked. */
export function define(command: Command, act: Act): void {
  command.description(
    "Print what a run wrote, its stdout to stdout and its stderr to stderr. Of a run with many steps it is the first that failed, else one that runs, else the last; a step that is named goes before.",
  );
  addExamples(command, "blutctl log -f last", "blutctl log digits/train-2 --attempt 1 --stderr");
  command
    .argument("<run>", runOrStep)
    .option("-f, --follow", "go on with what is written until the run has ended")
    .option("--full", "everything (a terminal gets the last 1000 lines else)")
    .option("-n, --lines <n>", "the last n lines of each stream", readCount)
    .option("--stdout", "only what it wrote to stdout")
    .option("--stderr", "only what it wrote to stderr, here on stdout")
    .option("--attempt <n>", "of this attempt (else the newest)", readCount)
    .option("--raw", "leave control sequences as they are, even on a terminal")
    .action((selector: string) =>
      act(command, (session) => {
        const options = command.opts<LogOptions>();
        const target = targetOf(selector, options.attempt);
        if (session.output.json) return answerJson(session, target, options);
        const work = printLog(session, target, options);
        if (options.follow !== true) return work;
        return session.untilInterrupted(work, () => {
          session.output.note("stopped looking; the run goes on");
          return interruptedCode;
        });
      }),
    );
}

async function printLog(session: Session, given: LogTarget, options: LogOptions): Promise<number> {
  const { link, output } = session;
  let target = given;
  if (options.follow === true) {
    const run = await link.call("run.get", { run: given.run });
    if (!run.ok) return session.refuse(run.error);
    target = { ...given, run: run.value.id };
  }
  const streams = picked(options);
  const from = await beginningOf(session, given, streams[0]);
  if (!from.ok) return session.refuse(from.error);
  const { step } = from.value;
  // Followed, a run goes on to its next step.
  if (options.follow !== true && step !== undefined) target = { ...target, step };
  const read = (stream: Stream): Promise<Refusal | undefined> => {
    const sink = stream === "stderr" && streams.length === 2 ? output.stderr : output.stdout;
    const printer = new LogPrinter(output, stream, sink, options.raw === true);
    return printStream(session, printer, { target, from: from.value, stream }, options);
  };
  // Followed together, as they are written; else one after the other.
  let refusal: Refusal | undefined;
  if (options.follow === true) {
    refusal = (await Promise.all(streams.map(read))).find((each) => each !== undefined);
  } else {
    for (const stream of streams) refusal ??= await read(stream);
  }
  return refusal === undefined ? exitCodes.success.code : session.refuse(refusal);
}

/** Where to begin to read; whose log it is, is said where a run of many steps was named alone. */
async function beginningOf(
  { link, output }: Session,
  target: LogTarget,
  stream: Stream,
): Promise<Result<LogPlace, Refusal>> {
  const usual = { attempt: target.attempt ?? 0, offset: 0 };
  if (target.step !== undefined) return ok(usual);
  const page = await readPage(link, target, stream, { offset: 0, limit: 1 });
  if (!page.ok) return page;
  const { step, attempt } = page.value;
  if (step === undefined) return ok(usual);
  const which = attempt === 0 ? "" : `, attempt ${attempt}`;
  output.note(`step ${step}${which}; others: blutctl log ${target.run}/STEP`);
  return ok({ step, attempt, offset: 0 });
}

async function printStream(
  session: Session,
  printer: LogPrinter,
  what: { readonly target: LogTarget; readonly from: LogPlace; readonly stream: Stream },
  options: LogOptions,
): Promise<Refusal | undefined> {
  const { target, stream } = what;
  const { link, output } = session;
  const spared = output.stdout.isTTY === true && options.full !== true ? terminalLines : undefined;
  const lines = options.lines ?? spared;
  let { from } = what;
  if (lines !== undefined) {
    const tail = await readTail(link, pin(target, from), stream, lines);
    if (!tail.ok) return tail.error;
    if (tail.value.cut && options.lines === undefined) {
      output.note(`the last ${lines} lines of ${stream}; all of it with --full`);
    }
    printer.write(tail.value.bytes);
    from = tail.value.end;
  }
  const read = options.follow === true ? followLog : readLog;
  return printer.drain(read(link, target, stream, from), () => {
    return stream === "stderr" ? Promise.resolve() : noteSilence(session, target);
  });
}

/** Says why there is nothing: not yet, or never. */
async function noteSilence({ link, output }: Session, { run, step }: LogTarget): Promise<void> {
  const answer = await link.call("run.get", { run, ...(step !== undefined && { step }) });
  const [first, ...elements] = answer.ok ? answer.value.steps : [];
  const isOver = answer.ok && answer.value.endedAt !== undefined;
  const whose = step ?? first?.name ?? "";
  const [log, ...others] = elements
    .filter(({ parent }) => step !== undefined && parent === step)
    .sort((a, b) => Number(b.state === "failed") - Number(a.state === "failed"))
    .map(({ name }) => name);
  if (log !== undefined) {
    const rest = others.length > mostNamed ? ["..."] : [];
    const more = [...others.slice(0, mostNamed), ...rest].join(", ");
    output.note(
      `${whose} wrote nothing itself, its elements did: blutctl log ${run}/${log}${more && ` (also ${more})`}`,
    );
  } else if (first?.cachedFrom !== undefined && isOver) {
    output.note(`it was reused: blutctl log ${first.cachedFrom}/${whose}`);
  } else if (isOver) output.note("no output: it never started");
  else output.note("no output yet: it has not started");
}

/** One value, shaped as the answer of `run.log`: all pages of one stream joined. */
async function answerJson(
  session: Session,
  target: LogTarget,
  options: LogOptions,
): Promise<number> {
  if (options.follow === true) {
    const message = "--json is one value, and --follow has no end";
    return session.refuse(usage(message, "leave one of them out"));
  }
  const stream = options.stderr === true ? "stderr" : "stdout";
  const parts: Uint8Array[] = [];
  let page = await readPage(session.link, target, stream, { offset: 0 });
  const offset = page.ok ? page.value.offset : 0;
  let dropped = 0;
  while (page.ok) {
    parts.push(page.value.bytes);
    dropped += page.value.dropped;
    const { attempt, step, next, ended, bytes } = page.value;
    if (ended || bytes.length === 0) {
      const base64 = Buffer.concat(parts).toString("base64");
      session.output.value({ attempt, step, base64, offset, next, dropped, ended });
      return exitCodes.success.code;
    }
    page = await readPage(session.link, pin(target, { attempt, step }), stream, { offset: next });
  }
  return session.refuse(page.error);
}

function picked({ stdout, stderr }: LogOptions): readonly [Stream, ...Stream[]] {
  if (stdout === stderr) return ["stdout", "stderr"];
  return stdout === true ? ["stdout"] : ["stderr"];
}

function targetOf(selector: string, attempt: number | undefined): LogTarget {
  return { ...runSelector(selector), ...(attempt === undefined ? {} : { attempt }) };
}
