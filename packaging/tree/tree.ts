import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleClient } from "../bundle/client.ts";
import { bundleDaemon } from "../bundle/daemon.ts";
import { writeStamp } from "../stamp.ts";
import { ingredientsOf, licenceText } from "./licences.ts";
import { installedManifest, readManifest } from "./manifest.ts";
import { writeTypes } from "./types.ts";

const programs = { blutd: "daemon/blutd.js", blutctl: "client/blutctl.js" };

/**
 * Lays out in `out` what both packages carry: the bundles, the types of cookbooks, the manifest and the documents. It is
 * the npm package as it is, and the heart of the Debian one.
 */
export async function layOut(root: string, out: string, version: string): Promise<void> {
  await rm(out, { recursive: true, force: true });
  const files = [
    ...(await bundleClient(root, join(out, "client"))),
    ...(await bundleDaemon(root, join(out, "daemon"))),
  ];
  writeTypes(root, join(out, "types"));
  // What `blutctl init` copies, where no package of the system has put them in their place.
  await cp(join(root, "units/user"), join(out, "units/user"), { recursive: true });
  await mkdir(join(out, "bin"));
  const launcher = await readFile(join(import.meta.dirname, "launcher.sh"), "utf8");
  for (const [name, program] of Object.entries(programs)) {
    await writeFile(join(out, "bin", name), launcher.replaceAll("PROGRAM", program));
    await chmod(join(out, "bin", name), 0o755);
  }
  await writeFile(join(out, "package.json"), installedManifest(readManifest(root), version));
  for (const name of ["man", "completions"]) {
    await cp(join(root, "packaging", name), join(out, name), { recursive: true });
  }
  await writeStamp(out, version);
  await writeFile(join(out, "LICENCES"), licenceText(ingredientsOf(files)));
  for (const name of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    await cp(join(root, name), join(out, name));
  }
}
