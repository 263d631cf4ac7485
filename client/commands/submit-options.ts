import { resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import type { CommandAsk } from "../../daemon/protocol/schemas/submit.ts";
import {
  noticeKinds,
  parseDuration,
  parseSize,
  type NoticeKind,
  type Result,
} from "../../daemon/protocol/units.ts";
import type { Surroundings } from "../session.ts";

/** What `submit` and `run` were told, as commander hands it over. */
interface SubmitOptions {
  readonly name?: string;
  /** Bytes; absent for `auto`. */
  readonly mem?: number | "auto";
  readonly memMax?: number;
  readonly cpus?: number;
  readonly gpus?: number;
  readonly vram?: number;
  readonly pool?: Readonly<Record<string, number>>;
  readonly lock?: readonly string[];
  readonly priority?: number;
  readonly needs?: readonly string[];
  readonly after?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeout?: number;
  readonly softTimeout?: number;
  readonly retries?: number;
  readonly oomRetries?: number;
  readonly calibrateAs?: string;
  readonly dedupeKey?: string;
  readonly notify?: readonly NoticeKind[];
}

/** Declares the command to run and everything that may be said about it. */
export function addSubmitOptions(command: Command): Command {
  return command
    .argument("<command...>", "the program and its arguments, best after --")
    .passThroughOptions()
    .option("--name <name>", "a name to find it by (else the program's)")
    .option("--mem <size>", "first memory limit, such as 512M or 2G, or auto", readMemory)
    .option("--mem-max <size>", "the limit may grow to this, never past it", readSize)
    .option("--cpus <n>", "processors it claims", readNumber)
    .option("--gpus <n>", "GPUs it claims, whole unless --vram says less", readCount)
    .option("--vram <size>", "memory it claims of each GPU (and one GPU if no --gpus)", readSize)
    .option("--pool <name[=n]>", "claims n (else 1) of a named pool; repeatable", readPool)
    .option("--lock <name>", "runs alone among those with this lock; repeatable", append)
    .option("--priority <n>", "higher starts first (default: 0)", readNumber)
    .option("--needs <run>", "waits until this run succeeded; repeatable", append)
    .option("--after <run>", "waits until this run ended in any way; repeatable", append)
    .option("--env <k=v>", "sets a variable on top of this environment; repeatable", readVariable)
    .option("--cwd <dir>", "where it runs (else here)")
    .option("--timeout <duration>", "stop it after so long, such as 90s or 1h30m", readDuration)
    .option("--soft-timeout <duration>", "send SIGTERM as a warning after so long", readDuration)
    .option("--retries <n>", "tries again after an ordinary failure", readCount)
    .option(
      "--oom-retries <n>",
      "tries again with more memory after its limit killed it",
      readCount,
    )
    .option("--calibrate-as <key>", "learn its need of memory under this name")
    .option("--dedupe-key <key>", "the same key and command again answer with the first run")
    .option(...notifyOption);
}

/** Builds the request from what was typed and where: the caller's directory and environment go along. */
export function toSubmitParams(
  command: Command,
  argv: readonly [string, ...string[]],
  around: Surroundings,
): CommandAsk {
  const options = command.opts<SubmitOptions>();
  const cwd = resolve(around.cwd(), options.cwd ?? ".");
  const moved = options.cwd === undefined ? {} : { PWD: cwd };
  return {
    argv: [...argv],
    cwd,
    env: { ...definedVariables(around.env), ...moved, ...options.env },
    memory: given({
      firstBytes: options.mem === "auto" ? undefined : options.mem,
      ceilingBytes: options.memMax,
    }),
    pools: { ...options.pool },
    locks: [...(options.lock ?? [])],
    needs: [...(options.needs ?? [])],
    after: [...(options.after ?? [])],
    ...given({
      name: options.name,
      cpus: options.cpus,
      gpus: options.gpus,
      vramBytes: options.vram,
      priority: options.priority,
      timeoutMs: options.timeout,
      softTimeoutMs: options.softTimeout,
      retries: options.retries,
      oomRetries: options.oomRetries,
      calibrateAs: options.calibrateAs,
      dedupeKey: options.dedupeKey,
    }),
    ...(options.notify !== undefined && { notify: [...options.notify] }),
  };
}

/** Whoever gives less has left out a unit. */
const leastBytes = 1024 ** 2;

/** Reads a size for commander: its error becomes the sentence that is shown. */
export function readSize(text: string): number {
  const bytes = valueOf(parseSize(text));
  if (bytes >= leastBytes) return bytes;
  const unit = /^\d+$/.test(text) ? `; a bare number is bytes: ${text}M?` : "";
  throw new InvalidArgumentError(`expected at least 1 MiB, got ${JSON.stringify(text)}${unit}`);
}

/** Reads how much may stay, for commander: any size that has its unit, or 0 for nothing at all. */
export function readRoom(text: string): number {
  if (text === "0") return 0;
  return /^\d+$/.test(text) ? readSize(text) : valueOf(parseSize(text));
}

/** Reads a duration for commander, in ms. */
export function readDuration(text: string): number {
  return valueOf(parseDuration(text));
}

/** Reads a number for commander; what range it may have, the daemon knows. */
export function readNumber(text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a number, got ${JSON.stringify(text)}`);
}

/** Reads a count for commander: a whole number, 0 or more. */
export function readCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a whole number, 0 or more, got ${JSON.stringify(text)}`);
}

/** What a person is told of a run, as `submit`, `run` and `recipe run` take it. */
export const notifyOption = [
  "--notify <kinds>",
  `what to tell of it: ${noticeKinds.join(", ")}, or none`,
  readNoticeKinds,
] as const;

function readNoticeKinds(text: string): readonly NoticeKind[] {
  if (text === "none") return [];
  const words = text.split(",").map((word) => word.trim());
  const kinds = noticeKinds.filter((kind) => words.includes(kind));
  if (words.every((word) => kinds.some((kind) => kind === word))) return kinds;
  throw new InvalidArgumentError(
    `expected some of ${noticeKinds.join(",")}, or none, got ${JSON.stringify(text)}`,
  );
}

/** Collects an option that may be given several times. */
export function append(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function readMemory(text: string): number | "auto" {
  return text === "auto" ? text : readSize(text);
}

function readPool(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [, name, count = "1"] = /^([^=]+)(?:=(\d+))?$/.exec(text) ?? [];
  if (name === undefined)
    throw new InvalidArgumentError(`expected NAME or NAME=COUNT, got ${JSON.stringify(text)}`);
  return { ...before, [name]: Number(count) };
}

function readVariable(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError(`expected NAME=VALUE, got ${JSON.stringify(text)}`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function valueOf<T>(result: Result<T, string>): T {
  if (result.ok) return result.value;
  throw new InvalidArgumentError(result.error);
}

/** The environment to send along. */
export function definedVariables(env: Surroundings["env"]): Record<string, string> {
  return given(env) as Record<string, string>;
}

/** The same facts without those that are not there: the wire has no `undefined`. */
export function given<T extends object>(facts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
