import { err, ok, type Result } from "../domain/result.ts";
import { errorCode } from "./system-error.ts";

/** Bounds of a program that is not ours: it may hang, and it may talk without end. */
export interface ProgramBounds {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Why a program told nothing: it is not there, or a word for what went wrong. */
export type ProgramFailure =
  { readonly kind: "absent" } | { readonly kind: "failed"; readonly why: string };

/** Runs a program without a shell and without input; its standard output when it ended with 0. */
export async function askProgram(
  [program, ...args]: readonly [string, ...string[]],
  { timeoutMs, maxBytes, cwd, env }: ProgramBounds,
): Promise<Result<string, ProgramFailure>> {
  // Of the client, every verb would pay for an import at the top.
  const { execFile } = await import("node:child_process");
  return new Promise((resolve) => {
    const options = {
      timeout: timeoutMs,
      maxBuffer: maxBytes,
      killSignal: "SIGKILL" as const,
      encoding: "utf8" as const,
      ...(cwd !== undefined && { cwd }),
      env: { ...(env ?? process.env) },
    };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(ok(stdout));
      else if (errorCode(error) === "ENOENT") resolve(err({ kind: "absent" }));
      else resolve(err({ kind: "failed", why: whyOf(error, stdout, stderr, timeoutMs) }));
    });
    child.stdin?.end();
  });
}

function whyOf(
  error: Error & { readonly killed?: boolean; readonly code?: number | string | null },
  stdout: string,
  stderr: string,
  timeoutMs: number,
): string {
  if (error.killed === true && typeof error.code !== "string") {
    return `it gave no answer in ${timeoutMs} ms`;
  }
  const said = (stderr.trim() || stdout.trim()).split("\n", 1)[0]?.slice(0, 200) ?? "";
  const code =
    typeof error.code === "number" ? `exit code ${error.code}` : (error.code ?? "killed");
  return said === "" ? code : `${code}: ${said}`;
}
