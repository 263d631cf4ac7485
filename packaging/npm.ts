import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";

/** Packs what lies in `tree` as an npm package, beside it, and answers its file. npm's own packing has no time in it. */
export function buildTarball(tree: string, version: string): string {
  const out = dirname(tree);
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", out, tree], {
    cwd: out,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return join(out, `blut-${version}.tgz`);
}
