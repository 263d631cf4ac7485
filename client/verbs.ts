import type { Command } from "commander";
import { addGlobals } from "./globals.ts";
import type { Session } from "./session.ts";

/** Gives a verb its session as its options say, and takes the exit code it ends with. */
export type Act = (command: Command, work: (session: Session) => Promise<number>) => Promise<void>;

/** What a verb's file exports: declares options and arguments, and what is done with them. */
export type DefineVerb = (command: Command, act: Act) => void;

/** One verb as the program lists it; its file is loaded only when it is used. */
export interface Verb {
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  readonly group: string;
  readonly load: () => Promise<{ readonly define: DefineVerb }>;
}

/** Loads a verb's file and gives its command what it takes; the options of every verb come last. */
export async function defineVerb(
  verb: Pick<Verb, "load">,
  command: Command,
  act: Act,
): Promise<void> {
  const file = await verb.load();
  file.define(command, act);
  addGlobals(command);
}

const runs = "Runs:";
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
    summary: "one run with its attempts",
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
    name: "status",
    summary: "what runs, what waits and why, what the box has left",
    group: box,
    load: () => import("./commands/daemon-status.ts"),
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
    name: "doctor",
    summary: "check everything unattended work needs",
    group: box,
    load: () => import("./commands/daemon-doctor.ts"),
  },
  {
    name: "calibration",
    summary: "what is known of each command's need of memory",
    group: box,
    load: () => import("./commands/calibration.ts"),
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
    summary: "help on a verb, or `help exit-codes`",
    group: tools,
    load: () => import("./commands/help.ts"),
  },
];

/** What the completion scripts call; nobody types it. */
export const completeVerb: Pick<Verb, "name" | "load"> = {
  name: "__complete",
  load: () => import("./commands/complete.ts"),
};
