import { z } from "zod";
import { retentionMethods } from "./retention-methods.ts";
import * as artifact from "./schemas/artifact.ts";
import * as cache from "./schemas/cache.ts";
import * as calibration from "./schemas/calibration.ts";
import * as c from "./schemas/common.ts";
import * as daemon from "./schemas/daemon.ts";
import * as event from "./schemas/event.ts";
import * as lineage from "./schemas/lineage.ts";
import * as metrics from "./schemas/metrics.ts";
import * as notify from "./schemas/notify.ts";
import * as recipe from "./schemas/recipe.ts";
import * as report from "./schemas/report.ts";
import * as run from "./schemas/run.ts";
import * as schedule from "./schemas/schedule.ts";
import * as submit from "./schemas/submit.ts";

/** One method of the socket: what it takes, what it answers, and a sentence for the OpenRPC document. */
export interface MethodSpec {
  readonly summary: string;
  readonly params: z.ZodType;
  readonly result: z.ZodType;
}

/** Every method of the socket. Types, validation and the OpenRPC document all come from this table. */
export const methods = {
  "daemon.hello": {
    summary: "Which build answers; a client says first which it is itself",
    params: daemon.helloParams,
    result: daemon.helloResult,
  },
  "daemon.status": {
    summary: "What runs, what waits and why, what the box has left",
    params: c.empty,
    result: daemon.statusResult,
  },
  "daemon.pause": {
    summary: "Start nothing new until resumed",
    params: daemon.pauseParams,
    result: daemon.holdResult,
  },
  "daemon.drain": {
    summary: "Start nothing new and let what runs end",
    params: daemon.pauseParams,
    result: daemon.holdResult,
  },
  "daemon.resume": { summary: "Start work again", params: c.empty, result: daemon.holdResult },
  "daemon.reload": {
    summary: "Read blut.toml again; a broken one changes nothing",
    params: c.empty,
    result: daemon.reloadResult,
  },
  "daemon.doctor": {
    summary: "Check everything unattended work needs",
    params: c.empty,
    result: daemon.doctorResult,
  },
  "daemon.metrics": {
    summary: "The daemon's own figures, as Prometheus reads them",
    params: c.empty,
    result: daemon.metricsResult,
  },
  "notify.test": {
    summary: "Send a test notice every way that is set, and say what came of each",
    params: c.empty,
    result: notify.testResult,
  },
  "notify.list": {
    summary: "What people were told, newest first, and how each way stands",
    params: notify.listParams,
    result: notify.listResult,
  },
  "run.submit": {
    summary: "Queue a command, or a plan of many; the answer means it is on disk",
    params: submit.submitParams,
    result: submit.submitResult,
  },
  "run.list": { summary: "Runs, newest first", params: run.listParams, result: run.listResult },
  "run.get": {
    summary: "One run with its steps and attempts",
    params: run.getParams,
    result: run.runDetail,
  },
  "run.explain": {
    summary: "Where the limit of a run's step comes from and what it waits for",
    params: run.explainParams,
    result: run.explainResult,
  },
  "run.log": {
    summary: "A page of a log, or news of it",
    params: run.logParams,
    result: run.logResult,
  },
  "run.metrics": {
    summary: "What its stages measured, and how far they are",
    params: metrics.metricsParams,
    result: metrics.metricsResult,
  },
  "run.wait": {
    summary: "Wait until runs have ended",
    params: run.waitParams,
    result: run.waitResult,
  },
  "run.cancel": {
    summary: "End runs, queued or running",
    params: run.cancelParams,
    result: run.cancelResult,
  },
  "run.retry": {
    summary: "Submit ended runs again as new runs",
    params: run.retryParams,
    result: run.retryResult,
  },
  "recipe.list": {
    summary: "Recipes that have a name, with their arguments",
    params: c.empty,
    result: recipe.listResult,
  },
  "recipe.get": {
    summary: "One recipe: its arguments and its steps",
    params: recipe.recipeParams,
    result: recipe.getResult,
  },
  "recipe.check": {
    summary: "Everything that is wrong with a recipe, each with its place",
    params: recipe.recipeParams,
    result: recipe.checkResult,
  },
  "recipe.schema": {
    summary: "The JSON schema of recipe files, or of plans",
    params: recipe.schemaParams,
    result: recipe.schemaResult,
  },
  "recipe.run": {
    summary: "Compile a recipe and queue it; the answer means it is on disk",
    params: recipe.runParams,
    result: recipe.runResult,
  },
  "recipe.swaps": {
    summary: "Stages that could stand where a step of a recipe stands",
    params: recipe.swapParams,
    result: recipe.swapResult,
  },
  "stage.list": {
    summary: "Stages of the cookbooks, by category",
    params: c.empty,
    result: recipe.stagesResult,
  },
  "recipe.plan": {
    summary: "What a recipe would do, and whether it fits; nothing is stored",
    params: recipe.planParams,
    result: recipe.planResult,
  },
  "plan.inspect": {
    summary: "The same of a stored plan, or of one's own",
    params: recipe.inspectParams,
    result: recipe.planResult,
  },
  "schedule.list": {
    summary: "Schedules: when they fire next and what became of them last",
    params: c.empty,
    result: schedule.listResult,
  },
  "schedule.get": {
    summary: "One schedule, its rules and what became of its instants",
    params: schedule.getParams,
    result: schedule.getResult,
  },
  "schedule.next": {
    summary: "The instants that come next",
    params: schedule.nextParams,
    result: schedule.nextResult,
  },
  "schedule.fire": {
    summary: "Fire a schedule now, by its own rules",
    params: schedule.nameParams,
    result: schedule.fireResult,
  },
  "schedule.due": {
    summary: "Deal with every instant of a schedule that has come, whoever looks at the clock",
    params: schedule.nameParams,
    result: schedule.dueResult,
  },
  "schedule.export": {
    summary: "A schedule as a timer and a service of systemd, as unit files",
    params: schedule.nameParams,
    result: schedule.exportResult,
  },
  "schedule.enable": {
    summary: "Let a schedule fire, whatever its file says; ends a pause",
    params: schedule.enableParams,
    result: schedule.enableResult,
  },
  "schedule.disable": {
    summary: "Let a schedule rest until it is enabled",
    params: schedule.nameParams,
    result: schedule.enableResult,
  },
  "schedule.check": {
    summary: "Everything that is wrong with a schedule file, or with all in force",
    params: schedule.checkParams,
    result: schedule.checkResult,
  },
  "calibration.list": {
    summary: "What is known of each key's need",
    params: calibration.listParams,
    result: calibration.listResult,
  },
  "calibration.get": {
    summary: "One key and the limit it would get",
    params: c.empty.extend({ key: c.calibrationKey }),
    result: calibration.getResult,
  },
  "calibration.set": {
    summary: "Pin a key's need by hand",
    params: calibration.setParams,
    result: calibration.getResult,
  },
  "calibration.forget": {
    summary: "Forget keys",
    params: calibration.forgetParams,
    result: calibration.forgetResult,
  },
  "calibration.export": {
    summary: "Everything known, as one document",
    params: c.empty,
    result: calibration.document,
  },
  "calibration.import": {
    summary: "Merge a document in",
    params: calibration.importParams,
    result: calibration.importResult,
  },
  "artifact.get": {
    summary: "One artifact, what is in it and what it stands in for",
    params: artifact.getParams,
    result: artifact.getResult,
  },
  "cache.stats": {
    summary: "What is kept, what it takes, what it saved",
    params: c.empty,
    result: cache.statsResult,
  },
  "cache.prune": {
    summary: "Remove artifacts by last use, never what a live or pinned run needs",
    params: cache.pruneParams,
    result: cache.pruneResult,
  },
  "cache.verify": {
    summary: "Read every artifact; take what is not as it was made out of the cache",
    params: c.empty,
    result: cache.verifyResult,
  },
  ...retentionMethods,
  "lineage.trace": {
    summary: "What an artifact was made of, or what was made of it",
    params: lineage.traceParams,
    result: lineage.traceResult,
  },
  "lineage.diff": {
    summary: "Only what differs between two runs, by step and facet",
    params: lineage.diffParams,
    result: lineage.diffResult,
  },
  "lineage.reindex": {
    summary: "Make the index of lineage again from the runs' own files",
    params: c.empty,
    result: lineage.reindexResult,
  },
  "report.get": {
    summary: "What happened in a span: runs, failures, memory, the box, schedules",
    params: report.getParams,
    result: report.getResult,
  },
  "events.list": {
    summary: "A page of the event log",
    params: event.listParams,
    result: event.listResult,
  },
  "events.subscribe": {
    summary: "Send `events.event` and `events.gap` notifications from a cursor on",
    params: event.subscribeParams,
    result: event.subscribeResult,
  },
  "events.unsubscribe": { summary: "Stop the notifications", params: c.empty, result: c.empty },
  "rpc.discover": {
    summary: "This table as an OpenRPC document",
    params: c.empty,
    result: z.record(z.string(), z.json()),
  },
} as const satisfies Record<string, MethodSpec>;

export type MethodName = keyof typeof methods;
/** What a caller may send: defaults may be left out. */
export type Params<M extends MethodName> = z.input<(typeof methods)[M]["params"]>;
/** What a method receives: validated, defaults filled in. */
export type ParsedParams<M extends MethodName> = z.output<(typeof methods)[M]["params"]>;
export type MethodResult<M extends MethodName> = z.output<(typeof methods)[M]["result"]>;
