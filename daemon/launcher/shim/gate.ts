import type { Stream } from "../attempt-files.ts";
import type { LaunchSpec } from "../launcher.ts";

/** What the gate lets through. */
export interface GateText {
  /** One compound command for the shim; says nothing to a shell that gets only a part of it. */
  readonly text: string;
  /** Names that no shell can export, in order; the command does not get them. */
  readonly leftOut: readonly string[];
}

/** What the shim is told: all of an attempt that it has to know. */
export type GateSpec = Pick<
  LaunchSpec,
  "attemptId" | "directory" | "cwd" | "argv" | "environment"
> & {
  /** Where it opens the command's output. */
  readonly logs: Readonly<Record<Stream, string>>;
};

/** Variables that a shell sets and exports on its own; the command gets them only from its submitter. */
const shellsOwn = ["PWD", "OLDPWD", "SHLVL", "_", "NODE_V8_COVERAGE"];

/**
 * Writes what the shim is to run as the text that opens its gate, the command's whole environment with
 * it. It travels in a file without a name, never in an argument, where every user of the box could read
 * it.
 *
 * A shell can export only names made of letters, digits and underscores: others (functions that bash
 * exported, names with dots) are left out and named. `command` keeps a name that the shell guards for
 * itself (bash: UID, EUID, PPID, SHELLOPTS) from ending the shell; it passes with the shell's own value.
 */
export function gateText(spec: GateSpec): GateText {
  const entries = Object.entries(spec.environment);
  const exported = entries.filter(([name]) => isExportable(name));
  const given = new Set(exported.map(([name]) => name));
  const lines = [
    "{",
    `blut__attempt=${quote(spec.attemptId)}`,
    `blut__directory=${quote(spec.directory)}`,
    `blut__cwd=${quote(spec.cwd)}`,
    `exec >>${quote(spec.logs.stdout)} 5>>${quote(spec.logs.stderr)}`,
    `set -- ${spec.argv.map(quote).join(" ")}`,
    // A function, for the command's subshell alone: the shim itself keeps an empty environment.
    "blut__environment() {",
    `unset ${shellsOwn.filter((name) => !given.has(name)).join(" ") || "_"}`,
    ...exported.map(([name, value]) => `command export ${quote(`${name}=${value}`)}`),
    "}",
    "}",
  ];
  return {
    text: `${lines.join("\n")}\n`,
    leftOut: entries.map(([name]) => name).filter((name) => !isExportable(name)),
  };
}

function isExportable(name: string): boolean {
  // The shim's own names are its own; a run that sets one is not obeyed.
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith("blut__");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
