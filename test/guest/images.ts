import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { forwardedSignals } from "./machine.ts";

const kernelRecipes = ["build.sh", "part.sh"];
const imageRecipes = [...kernelRecipes, "configure-rootfs.sh", "make-ext4.sh"];

/** Where built parts are kept: shared by all working trees of one user. */
function cacheDirectory(): string {
  const cacheHome = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return process.env["BLUT_GUEST_CACHE"] ?? join(cacheHome, "blut", "guest");
}

/** What a part is made by: `build.sh` in a directory, and the scripts that it uses. */
export interface Recipe {
  readonly directory: string;
  readonly recipes: readonly string[];
}

/** Parts are named by what they are made of, so a changed recipe is another part and never a stale one. */
function recipeDigest({ directory, recipes }: Recipe): string {
  const digest = createHash("sha256");
  for (const recipe of recipes) digest.update(readFileSync(join(directory, recipe)));
  return digest.digest("hex").slice(0, 12);
}

/** Path of one part of the guest (`uml`, `stock`, or a suite), built first if it is not there. */
export function ensurePart(part: string): Promise<string> {
  const recipes = part === "uml" || part === "stock" ? kernelRecipes : imageRecipes;
  return ensureBuilt({ directory: import.meta.dirname, recipes }, part);
}

/**
 * Path of a part, built first if it is not there. The build speaks on stderr. Throws when it could not be
 * made; the build has then said why.
 */
export async function ensureBuilt(recipe: Recipe, part: string): Promise<string> {
  const path = join(cacheDirectory(), `${part}-${recipeDigest(recipe)}`);
  if (existsSync(path)) return path;
  const script = join(recipe.directory, "build.sh");
  if ((await runForwarding("sh", [script, part, path])) !== 0) {
    throw new Error(`could not build ${part}`);
  }
  return path;
}

/** Runs a program that speaks on stderr; our signals reach all its processes. Answers its exit status. */
async function runForwarding(program: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(program, args, { stdio: ["ignore", 2, 2], detached: true });
  const forward = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
  };
  for (const signal of forwardedSignals) process.on(signal, forward);
  const [status] = (await once(child, "close")) as [number | null];
  for (const signal of forwardedSignals) process.off(signal, forward);
  return status;
}
