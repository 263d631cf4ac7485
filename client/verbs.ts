import type { Verb } from "./verb.ts";

const runs = "Runs:";
const recipes = "Recipes:";
const box = "The box:";
const tools = "Tools:";

/** Every verb, in the order the help shows them. */
export const verbs: readonly Verb[] = [
  {
    name: "submit",
    summary: "queue a command; stdout is the run id alone",
    group: runs,
    load: () => import("./commands/run-submit.ts"),
  },
  {
    name: "run",
    summary: "the same in the foreground: follow its output, exit as it does",
    group: runs,
    load: () => import("./commands/run-run.ts"),
  },
  {
    name: "runs",
    alias: "jobs",
    summary: "list runs, newest first",
    group: runs,
    load: () => import("./commands/run-list.ts"),
  },
  {
    name: "show",
    summary: "one run with its steps and attempts, or one step of it",
    group: runs,
    load: () => import("./commands/run-get.ts"),
  },
  {
    name: "explain",
    summary: "where its limit comes from and what it waits for",
    group: runs,
    load: () => import("./commands/run-explain.ts"),
  },
  {
    name: "log",
    summary: "what it wrote",
    group: runs,
    load: () => import("./commands/run-log.ts"),
  },
  {
    name: "metrics",
    summary: "what its stages measured: charts, pictures, tables",
    group: runs,
    load: () => import("./commands/run-metrics.ts"),
  },
  {
    name: "wait",
    summary: "wait for runs to end, exit as they did",
    group: runs,
    load: () => import("./commands/run-wait.ts"),
  },
  {
    name: "cancel",
    summary: "end runs, queued or running",
    group: runs,
    load: () => import("./commands/run-cancel.ts"),
  },
  {
    name: "retry",
    summary: "submit ended runs again",
    group: runs,
    load: () => import("./commands/run-retry.ts"),
  },
  {
    name: "pin",
    summary: "keep runs for good, with their logs and artifacts",
    group: runs,
    load: () => import("./commands/run-pin.ts"),
  },
  {
    name: "unpin",
    summary: "let pinned runs go again when their time comes",
    group: runs,
    load: () => import("./commands/run-unpin.ts"),
  },
  {
    name: "recipe",
    summary: "work that is written down: list, show, check, run, schema",
    group: recipes,
    load: () => import("./commands/recipe.ts"),
  },
  {
    name: "plan",
    summary: "what a recipe would do: the steps, what is there already, what they take",
    group: recipes,
    load: () => import("./commands/recipe-plan.ts"),
  },
  {
    name: "schedule",
    summary: "what the clock starts: list, show, next, fire, enable, disable, check",
    group: recipes,
    load: () => import("./commands/schedule.ts"),
  },
  {
    name: "status",
    summary: "what runs, what waits and why, what the box has left",
    group: box,
    load: () => import("./commands/daemon-status.ts"),
  },
  {
    name: "report",
    summary: "what happened while nobody looked; --html makes a page with charts",
    group: box,
    load: () => import("./commands/report-get.ts"),
  },
  {
    name: "pause",
    summary: "start nothing new until resumed",
    group: box,
    load: () => import("./commands/daemon-pause.ts"),
  },
  {
    name: "drain",
    summary: "start nothing new, let what runs end",
    group: box,
    load: () => import("./commands/daemon-drain.ts"),
  },
  {
    name: "resume",
    summary: "start work again",
    group: box,
    load: () => import("./commands/daemon-resume.ts"),
  },
  {
    name: "reload",
    summary: "read blut.toml again",
    group: box,
    load: () => import("./commands/daemon-reload.ts"),
  },
  {
    name: "init",
    summary: "set up a user's own blut: units, lingering, settings; shown first",
    group: box,
    load: () => import("./commands/init.ts"),
  },
  {
    name: "doctor",
    summary: "check everything unattended work needs",
    group: box,
    load: () => import("./commands/daemon-doctor.ts"),
  },
  {
    name: "notify",
    summary: "what people are told, and by which ways: test, list",
    group: box,
    load: () => import("./commands/notify.ts"),
  },
  {
    name: "calibration",
    summary: "what is known of each command's need of memory",
    group: box,
    load: () => import("./commands/calibration.ts"),
  },
  {
    name: "artifact",
    summary: "what steps made, by digest",
    group: tools,
    load: () => import("./commands/artifact.ts"),
  },
  {
    name: "cache",
    summary: "what is kept of finished work: stats, prune, verify",
    group: tools,
    load: () => import("./commands/cache.ts"),
  },
  {
    name: "gc",
    summary: "collect runs, logs and events that are kept no longer",
    group: tools,
    load: () => import("./commands/retention-collect.ts"),
  },
  {
    name: "lineage",
    summary: "where results came from: trace, diff, reindex",
    group: tools,
    load: () => import("./commands/lineage.ts"),
  },
  {
    name: "events",
    summary: "what happened, and what happens",
    group: tools,
    load: () => import("./commands/events-subscribe.ts"),
  },
  {
    name: "rpc",
    summary: "call a method of the socket by hand",
    group: tools,
    load: () => import("./commands/rpc-call.ts"),
  },
  {
    name: "completion",
    summary: "a completion script for bash, zsh or fish",
    group: tools,
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "help",
    summary: "help on a verb, or on a topic such as exit-codes, files, agents",
    group: tools,
    load: () => import("./commands/help.ts"),
  },
];

/** What the completion scripts call; nobody types it. */
export const completeVerb: Pick<Verb, "name" | "load"> = {
  name: "__complete",
  load: () => import("./commands/complete.ts"),
};
