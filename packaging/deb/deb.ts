import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checksums, conffiles, controlText } from "./control.ts";
import { stageDocuments } from "./documents.ts";
import { settleModes, stageFiles } from "./stage.ts";

/** What is built, from what, and as of when. */
export interface Release {
  readonly version: string;
  readonly at: Date;
}

const scripts = ["postinst", "prerm", "postrm"];

/**
 * Builds the Debian package of what lies in `tree` and answers its file, beside `tree`. The same sources give the same
 * bytes: dpkg-deb sorts, the owner is root, and no time is later than the release's.
 */
export async function buildDeb(root: string, tree: string, release: Release): Promise<string> {
  const stage = `${tree}.deb`;
  await rm(stage, { recursive: true, force: true });
  await stageFiles(root, tree, stage);
  await stageDocuments(root, tree, stage, release);
  await settleModes(stage);
  const control = join(stage, "DEBIAN");
  await mkdir(control);
  await writeFile(join(control, "control"), controlText(stage, release.version));
  await writeFile(join(control, "md5sums"), checksums(stage));
  await writeFile(join(control, "conffiles"), conffiles(stage));
  for (const name of scripts) {
    await writeFile(join(control, name), await scriptText(name));
    await chmod(join(control, name), 0o755);
  }
  const file = join(tree, "..", `blut_${release.version}_amd64.deb`);
  pack(stage, file, release.at);
  await rm(stage, { recursive: true, force: true });
  return file;
}

/** A script with what all of them begin with: dpkg runs each by itself. */
async function scriptText(name: string): Promise<string> {
  const read = (file: string) => readFile(join(import.meta.dirname, "scripts", file), "utf8");
  const [head, script] = await Promise.all([read("head.sh"), read(name)]);
  return script.replace("#!/bin/sh\n", () => head);
}

/** zstd: of Node's 120 MB it makes 36 in three seconds; xz needs fifty for 30, and ten times as long to unpack. */
function pack(stage: string, file: string, at: Date): void {
  const epoch = String(Math.floor(at.getTime() / 1000));
  execFileSync("dpkg-deb", ["--root-owner-group", "-Zzstd", "-z10", "--build", stage, file], {
    // The number of threads is not allowed to hang on the machine.
    env: { ...process.env, SOURCE_DATE_EPOCH: epoch, DPKG_DEB_THREADS_MAX: "2" },
    stdio: ["ignore", "ignore", "inherit"],
  });
}
