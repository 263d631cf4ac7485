import { CommanderError, type Command } from "commander";
import { exitCodes, stampText } from "../daemon/protocol/units.ts";
import { exitCodeOfRefusal } from "./exit-code.ts";
import { readGlobals } from "./globals.ts";
import { cacheDirectory, difference, greet, ownBuild } from "./greeting.ts";
import { Link } from "./link.ts";
import { Output } from "./output.ts";
import { noAnswer, usage, type Refusal } from "./refusal.ts";
import { toJson } from "./render/escape.ts";
import { Session, type Surroundings } from "./session.ts";
import { socketPath } from "./socket-path.ts";
import { buildTree, versionAsked } from "./tree.ts";
import type { Verb } from "./verb.ts";
import { reachedBy, seeHelp, verbOf } from "./used-verb.ts";
import { completeVerb, verbs } from "./verbs.ts";

/** Runs `blutctl` with the process's arguments and answers its exit code. */
export async function main(process: NodeJS.Process): Promise<number> {
  const args = process.argv.slice(2);
  let code: number = exitCodes.success.code;
  const { program } = buildTree(verbsFor(args), async (command, work) => {
    const session = openSession(process, command);
    try {
      code = await work(session);
    } catch (thrown) {
      code = await misread(session, thrown);
    } finally {
      session.link.close();
    }
  });
  try {
    await program.parseAsync(withDefaultVerb(program, args), { from: "user" });
    return code;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.code === versionAsked) await tellVersion(process, args);
    if (thrown.exitCode === 0) return exitCodes.success.code;
    return refuseUsage(process, program, thrown);
  }
}

/**
 * An answer of a daemon of another build may lack what this program reads: that is no bug of either, and the
 * person can mend it. Anything else is thrown on.
 */
async function misread(session: Session, thrown: unknown): Promise<number> {
  const { stamp } = ownBuild();
  const hello = await session.link.call("daemon.hello", stamp);
  const builds = hello.ok ? difference(stamp, hello.value) : undefined;
  if (builds === undefined) throw thrown;
  return session.refuse(
    noAnswer("the daemon's answer is not one that blutctl understands", builds),
  );
}

/** All that this call can need: the one verb where the first word names it, else every one. */
function verbsFor([first]: readonly string[]): readonly Verb[] {
  const named = verbs.filter(({ name, alias }) => first === name || first === alias);
  return named.length === 0 || first === "help" ? verbs : named;
}

/** A bare command means `status`. It is not commander's default verb: that would swallow misspelt ones. */
function withDefaultVerb(program: Command, args: readonly string[]): string[] {
  const { operands, unknown } = program.parseOptions([...args]);
  const asksHelp = unknown.includes("-h") || unknown.includes("--help");
  return operands.length === 0 && !asksHelp ? [...args, "status"] : [...args];
}

function openSession(process: NodeJS.Process, command: Command): Session {
  const globals = readGlobals(command);
  const output = new Output(process, process.env, globals, Date.now());
  const caller = { env: process.env, uid: process.getuid?.() ?? -1 };
  const note = (text: string): void => {
    output.note(text);
  };
  // What completion would say stands in the middle of a line that somebody types.
  const isSilent = globals.quiet || command.name() === completeVerb.name;
  const link = new Link(socketPath(caller, globals.socket), note, (connection) => {
    if (!isSilent) void greet(connection, cacheDirectory(process.env), note);
  });
  return new Session(link, output, surroundings(process), verbOf(command));
}

function surroundings(process: NodeJS.Process): Surroundings {
  return {
    env: process.env,
    cwd: () => process.cwd(),
    readInput: async () => (await process.stdin.setEncoding("utf8").toArray()).join(""),
    onInterrupt: (listener) => {
      process.on("SIGINT", listener);
      return () => process.off("SIGINT", listener);
    },
  };
}

function refuseUsage(process: NodeJS.Process, program: Command, thrown: CommanderError): number {
  const args = process.argv.slice(2);
  const refusal = usageOf(thrown.message, seeHelp(verbOf(reachedBy(program))));
  const json = args.slice(0, args.indexOf("--") >>> 0).includes("--json");
  const output = new Output(process, process.env, { json, quiet: false, color: "auto" }, 0);
  // Commander has already shown the help of a verb that was called without its own verb.
  const shown = thrown.code === "commander.help";
  if (!shown) output.refuse(refusal);
  else if (json) output.value({ error: { ...refusal, message: "the verb's own verb is missing" } });
  return exitCodeOfRefusal(refusal.reason);
}

/** Takes commander's message apart: `error: sentence`, then perhaps `(Did you mean --mem?)`. */
function usageOf(message: string, remedy: string): Refusal {
  const [, sentence = message, hint] = /^(?:error: )?(.*?)(?:\n\((.*)\))?$/s.exec(message) ?? [];
  const value =
    /^option '(?:-\w, )?(--[\w-]+).*?' argument '.*' is invalid\. (.*)$/s.exec(sentence) ??
    /^command-argument value '.*' is invalid for argument '(.*?)'\. (.*)$/s.exec(sentence);
  if (hint !== undefined) return usage(sentence, hint.replace(/^Did/, "did"));
  const said = value === null ? sentence : `${value[1] ?? ""}: ${value[2] ?? ""}`;
  return usage(said, remedy);
}

async function tellVersion(process: NodeJS.Process, args: readonly string[]): Promise<void> {
  const stamp = await ownBuild().whole();
  const text = args.includes("--json") ? toJson(stamp) : `blutctl ${stampText(stamp)}`;
  process.stdout.write(`${text}\n`);
}
