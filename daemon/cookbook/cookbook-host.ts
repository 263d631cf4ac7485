import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import pLimit from "p-limit";
import type { z } from "zod";
import { ownProgram } from "../base/build/own-program.ts";
import { pathText } from "../base/schema-problems.ts";
import type { ArgumentValue } from "../domain/argument.ts";
import type { Problem } from "../domain/problem.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { complaintOf, unusable, type CookbookFailure } from "./complaint.ts";
import { plansAnswer, registryAnswer } from "./exchange/answers.ts";
import type { DraftedStep } from "./draft-to-plan.ts";
import { fromText, toText } from "./exchange/text.ts";
import type { Registry } from "./registry.ts";

/** How long a cookbook may take, in ms, and how much it may answer, in bytes. */
export interface HostLimits {
  readonly timeoutMs: number;
  readonly answerBytes: number;
}

const limits: HostLimits = { timeoutMs: 20_000, answerBytes: 64 * 1024 ** 2 };
const complaintBytes = 4096;
const heapMib = 512;
/**
 * Cookbooks that are loaded at once; the others wait, their time not running. All schedules may fire at one
 * instant, and what is loaded counts for the daemon's own unit, which has 2 GiB.
 */
const atOnce = 3;
/** Who left its group may hold the pipes: its answer is there long before. */
const stragglerMs = 500;
/** The program that loads cookbooks and runs their bodies, as an argument of Node. */
export const cookbookProgram = ownProgram("host", import.meta.url);

/**
 * Loads cookbooks, each time in a process of its own. One that throws, loops for ever, exits or answers
 * nonsense is `cookbook-failed` with what it said; the daemon goes on.
 */
export class CookbookHost {
  readonly #limits: HostLimits;
  readonly #room = pLimit(atOnce);

  constructor(within: HostLimits = limits) {
    this.#limits = within;
  }

  /** What the cookbook at `file` (absolute) offers. */
  registry(file: string): Promise<Result<Registry, CookbookFailure>> {
    return this.#room(() => this.#ask(registryAnswer, file, ["list", file], ""));
  }

  /** The steps of a recipe for each of these points; `home` goes before the names of stages in their keys. */
  compile(
    { file, name }: { readonly file: string; readonly name: string },
    points: readonly Readonly<Record<string, ArgumentValue>>[],
    home: string,
  ): Promise<Result<readonly (readonly DraftedStep[])[], CookbookFailure>> {
    const args = ["compile", file, name, home];
    return this.#room(() => this.#ask(plansAnswer, file, args, toText(points)));
  }

  #ask<T>(
    answer: z.ZodType<T>,
    file: string,
    args: readonly string[],
    input: string,
  ): Promise<Result<T, CookbookFailure>> {
    const { timeoutMs, answerBytes } = this.#limits;
    const child = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        `--max-old-space-size=${heapMib}`,
        cookbookProgram,
        ...args,
      ],
      {
        cwd: path.dirname(file),
        env: { PATH: process.env["PATH"], HOME: process.env["HOME"], LANG: process.env["LANG"] },
        stdio: ["pipe", "ignore", "pipe", "pipe"],
        // A group of its own, so that what it started goes with it.
        detached: true,
      },
    );
    const said = gather(child.stdio[3] as Readable, answerBytes, () => {
      killGroup(child);
    });
    const complaint = gather(child.stdio[2] as Readable, complaintBytes, () => undefined);
    (child.stdio[0] as Writable).on("error", () => undefined).end(input);
    return new Promise((resolve) => {
      let how = "it ended";
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        killGroup(child);
      }, timeoutMs);
      const end = (): void => {
        clearTimeout(timer);
        const why = isLate ? `it took longer than ${timeoutMs / 1000} s` : how;
        resolve(
          judge(
            answer,
            file,
            said(),
            complaintOf(complaint(), file) ?? ofWhole(`${why} without an answer`),
          ),
        );
      };
      child.once("error", (error) => {
        how = `it could not be started (${error.message})`;
        end();
      });
      child.once("exit", (code, signal) => {
        how = signal === null ? `it exited with ${code ?? 0}` : `${signal} ended it`;
        // What it started holds its pipes, and would hold us.
        killGroup(child);
        setTimeout(end, stragglerMs).unref();
      });
      child.once("close", end);
    });
  }
}

/** Keeps what a stream says, up to `cap` bytes; `onFull` is called when there is more. */
function gather(stream: Readable, cap: number, onFull: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("error", () => undefined);
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= cap) chunks.push(chunk);
    else onFull();
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** Reads what was said; `why` there is no answer is told where there is none. */
function judge<T>(
  answer: z.ZodType<T>,
  file: string,
  said: string,
  why: Problem,
): Result<T, CookbookFailure> {
  try {
    const read = answer.safeParse(fromText(said));
    if (read.success) return ok(read.data);
    const [{ path: at, message } = { path: [], message: "" }] = read.error.issues;
    return err(
      unusable(file, ofWhole(`its answer is not one of blut's: ${pathText(at)}: ${message}`)),
    );
  } catch {
    return err(unusable(file, why));
  }
}

function ofWhole(message: string): Problem {
  return { field: "", message };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
