import { exitCodeOfRefusal } from "../../client/exit-code.ts";
import { failureReasons, type FailureReason } from "../../daemon/domain/failure.ts";
import { failureCodes, rpcCodes } from "../../daemon/protocol/error-codes.ts";
import { planLimits, submitLimits, wireLimits } from "../../daemon/protocol/limits.ts";
import { methods, type MethodSpec } from "../../daemon/protocol/methods.ts";
import * as calibration from "../../daemon/protocol/schemas/calibration.ts";
import * as daemon from "../../daemon/protocol/schemas/daemon.ts";
import { eventNotice, gapNotice } from "../../daemon/protocol/schemas/event.ts";
import { claims, planSpec } from "../../daemon/protocol/schemas/plan.ts";
import * as recipe from "../../daemon/protocol/schemas/recipe.ts";
import * as run from "../../daemon/protocol/schemas/run.ts";
import * as schedule from "../../daemon/protocol/schemas/schedule.ts";
import { fragment } from "./markdown.ts";
import * as p from "./page.ts";
import { schemaOf, type Schema } from "./schema.ts";
import { ShapeBook } from "./shape.ts";

/** What many answers have in them, by the name it is told under. */
const shapes = {
  Run: run.runSummary,
  RunEnd: run.runEnd,
  Outcome: run.outcome,
  Wait: run.wait,
  LimitOrigin: run.limitOrigin,
  Step: run.stepDetail,
  Attempt: run.attempt,
  Calibration: calibration.calibration,
  Evidence: calibration.evidence,
  Schedule: schedule.enableResult,
  Problem: recipe.problem,
  PlanView: recipe.planResult,
  Plan: planSpec,
  Claims: claims,
  Hold: daemon.hold,
};

/** What each limit is of; one that is missing here is an error of the compiler. */
const limits: Readonly<Record<keyof typeof all, string>> = {
  frameBytes: "bytes of one line, newline included; a longer one ends the connection",
  batch: "requests in one batch",
  inFlight: "requests of one connection that are unanswered at once",
  openRequests: "and of all connections together",
  backlogBytes: "bytes that wait for one client that does not read, before it is cut off",
  connections: "connections at once",
  logPageBytes: "bytes of a log in one answer",
  page: "rows of a list in one answer",
  selectors: "runs named in one call",
  waitMs: "ms that one call may wait for something to happen",
  args: "arguments of a command",
  argBytes: "bytes of one argument or variable, as Linux has it",
  argvBytes: "bytes of all arguments together",
  environmentBytes: "bytes of the environment",
  pathBytes: "bytes of a path",
  queued: "runs that wait at once",
  steps: "steps of a plan",
  needs: "steps that one step needs",
  inputs: "inputs of one step",
};
const all = { ...wireLimits, ...submitLimits, ...planLimits };

/** What each reason says; a new one is an error of the compiler until it stands here. */
const reasons: Readonly<Record<FailureReason, string>> = {
  "invalid-request": "parameters that are not what they should be",
  "invalid-plan": "a plan that cannot be run, with every problem",
  "invalid-recipe": "a recipe or a schedule that cannot be read, with every problem",
  "cookbook-failed": "a cookbook threw, or took too long",
  "bad-input": "a file that was named cannot be read, or has changed",
  "bad-output": "what a step left is not what it must be",
  "not-found": "no such run, step, key, artifact, recipe or schedule",
  ambiguous: "the begin of an id that several have; a name, too, where a run is ended or pinned",
  "wrong-state": "what was asked makes no sense as things stand",
  "never-fits": "it claims more than the box can ever give",
  "dedupe-conflict": "the key was used before, for something else",
  "queue-full": "too many runs wait",
  "storage-full": "the disk is full; it heals by itself",
  "storage-failed": "the disk cannot be written",
  "database-corrupt": "the database is damaged",
  "database-newer": "a newer blut wrote the database",
  "sqlite-unsafe": "the SQLite library is one that loses data",
  "state-in-use": "another blutd has the state directory",
  "state-unsafe": "others may write into the state directory",
  "invalid-config": "settings that cannot be used, with every problem",
  "containment-unavailable": "nothing here can hold work to a limit",
  "could-not-start": "a program could not be started",
  "socket-unusable": "the socket cannot be bound",
  "too-many-requests": "more unanswered requests than the limit",
  "slow-reader": "answers were not read, and the connection is ended",
};

/** blutd-rpc(7), from the method table that calls are checked by. */
export function rpcPage(): p.Page {
  const table: [string, MethodSpec][] = Object.entries(methods);
  const named = Object.entries(shapes).map(
    ([name, of]) => [name, schemaOf(of, name === "Plan" ? "input" : "output")] as const,
  );
  const book = new ShapeBook(Object.fromEntries(named));
  return {
    name: "blutd-rpc",
    section: 7,
    summary: "the socket of blutd: JSON-RPC 2.0, a line for every message",
    blocks: [
      ...fragment("blutd-rpc"),
      p.section("METHODS"),
      ...table.flatMap((method) => methodBlocks(method, book)),
      p.section("NOTIFICATIONS"),
      ...noticeBlocks("events.event", "One event, after `events.subscribe`.", eventNotice),
      ...noticeBlocks(
        "events.gap",
        "So many events were dropped before they were sent.",
        gapNotice,
      ),
      p.section("SHAPES"),
      ...book.named().flatMap(([name, lines]) => [p.part(name), literal("", lines)]),
      p.section("ERRORS"),
      ...fragment("blutd-rpc-errors"),
      ...Object.entries(rpcCodes).map(([word, code]) => errorTerm(code, word, "")),
      ...failureReasons.map((reason) =>
        errorTerm(failureCodes[reason], reason, p.sentence(exitSentence(reason))),
      ),
      p.section("LIMITS"),
      ...Object.entries(all).map(([name, most]) => {
        const about = limits[name as keyof typeof all];
        return p.term([p.bold(String(most)), p.roman(`  ${name}`)], p.sentence(about));
      }),
      ...fragment("blutd-rpc-end"),
    ],
  };
}

function errorTerm(code: number, word: string, about: string): p.Block {
  return p.term([p.bold(word), p.roman(`  ${code}`)], about);
}

function exitSentence(reason: FailureReason): string {
  return `${reasons[reason]}; \`blutctl\` exits ${exitCodeOfRefusal(reason)}`;
}

function methodBlocks(
  [name, { summary, params, result }]: [string, MethodSpec],
  book: ShapeBook,
): p.Block[] {
  const takes = schemaOf(params, "input");
  const answers = schemaOf(result, "output");
  const isEmpty = ({ properties }: Schema): boolean =>
    properties !== undefined && Object.keys(properties).length === 0;
  return [
    p.part(name),
    p.paragraph(p.sentence(summary)),
    ...(isEmpty(takes) ? [] : [literal("params: ", book.lines(takes))]),
    ...(isEmpty(answers) ? [] : [literal("result: ", book.lines(answers))]),
  ];
}

function noticeBlocks(name: string, summary: string, params: MethodSpec["params"]): p.Block[] {
  const lines = new ShapeBook({}).lines(schemaOf(params, "output"));
  return [p.part(name), p.paragraph(summary), literal("", lines)];
}

function literal(title: string, [first = "", ...rest]: readonly string[]): p.Block {
  return { kind: "literal", lines: [`${title}${first}`.trimEnd(), ...rest] };
}
