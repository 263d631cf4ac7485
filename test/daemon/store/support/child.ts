import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const writer = fileURLToPath(new URL("writer.ts", import.meta.url));

/** strace around a child; without its seccomp filter, under which 6.1 injects errors but no signals. */
export const straceCommand = ["strace", "-f", "-qq", "-o", "/dev/null"] as const;

/** How a child ended and all it said. */
export interface Ended {
  readonly lines: readonly string[];
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly process: ChildProcess;
  readonly done: Promise<Ended>;
}

/** What the writer is to do: see writer.ts. */
export interface Writing {
  readonly first?: number;
  readonly count?: number;
  /** Arguments of strace, when it is to run under it. */
  readonly strace?: readonly string[];
  /** Called with each line it says, as it says it. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
}

/** Starts the writer program on a database. */
export function runWriter(file: string, { first = 1, count, strace, onLine }: Writing): Child {
  const command = [process.execPath, writer, file, String(first)];
  if (count !== undefined) command.push(String(count));
  if (strace !== undefined) {
    command.unshift(...straceCommand, ...strace);
  }
  return runChild(command, onLine);
}

/** Starts a program whose lines are watched; it does not outlive the test. */
export function runChild(command: readonly string[], onLine: Writing["onLine"]): Child {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines: string[] = [];
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    onLine?.(line, child);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const done = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ lines, stderr, code, signal });
    });
  });
  return { process: child, done };
}

/** The numbers of the runs that a writer was told are stored. */
export function acknowledged(lines: readonly string[]): number[] {
  return lines
    .map((line) => /^ack (\d+)$/.exec(line)?.[1])
    .filter((text) => text !== undefined)
    .map(Number);
}
