import { existsSync } from "node:fs";
import { join } from "node:path";
import { err, ok, rootOf, type Result } from "../daemon/protocol/units.ts";
import { noAnswer, type Refusal } from "./refusal.ts";

/** A look at a box starts a few small programs, and maybe cookbooks. */
const longestMs = 60_000;

/** Where this blut lies as a whole: a checkout, or what a package carries. */
export function ownRoot(): string {
  return rootOf(import.meta.url);
}

/** The blutd that came with this blutctl. */
export function blutdBeside(root = ownRoot()): string | undefined {
  const places = ["daemon/main/blutd.js", "daemon/blutd.js"];
  return places.map((place) => join(root, place)).find((file) => existsSync(file));
}

/** What `blutd --check` answers, of which a client cannot know anything itself. */
export async function askBlutd(words: readonly string[]): Promise<Result<unknown, Refusal>> {
  const file = blutdBeside();
  if (file === undefined) return err(noAnswer("there is no blutd beside this blutctl", ""));
  const { execFile } = await import("node:child_process");
  const options = { timeout: longestMs, maxBuffer: 16 * 1024 ** 2, encoding: "utf8" as const };
  const said = await new Promise<string>((resolve) => {
    // Its exit code says no more than its findings.
    execFile(process.execPath, [file, ...words], options, (_, stdout) => {
      resolve(stdout);
    });
  });
  try {
    return ok(JSON.parse(said));
  } catch {
    const line = [file, ...words].join(" ");
    return err(noAnswer(`${line} did not answer`, `see what it says: ${line}`));
  }
}
