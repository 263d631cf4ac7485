import { execFileSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildDeb } from "./deb/deb.ts";
import { buildTarball } from "./npm.ts";
import { readManifest } from "./tree/manifest.ts";
import { layOut } from "./tree/tree.ts";

/*
 * npm run package -- [--out DIR] [--version V] : the Debian package and the npm package of this checkout, into dist/.
 * The version is package.json's, the time that of the last commit or $SOURCE_DATE_EPOCH.
 */

// What is packed has the modes that it is made with.
process.umask(0o022);

const root = join(import.meta.dirname, "..");
const { values } = parseArgs({
  options: { out: { type: "string", default: "dist" }, version: { type: "string" } },
});
const out = resolve(root, values.out);
const version = values.version ?? readManifest(root).version;

const tree = join(out, `blut-${version}`);
await mkdir(out, { recursive: true });
await layOut(root, tree, version);
console.log(buildTarball(tree, version));
console.log(await buildDeb(root, tree, { version, at: releasedAt() }));
await rm(tree, { recursive: true });

function releasedAt(): Date {
  const given = process.env["SOURCE_DATE_EPOCH"] ?? lastCommit();
  return new Date(Number(given) * 1000);
}

function lastCommit(): string {
  const asked = ["-C", root, "log", "-1", "--format=%ct"];
  return execFileSync("git", asked, { encoding: "utf8" }).trim();
}
