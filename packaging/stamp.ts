import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OwnBuild, stampFile } from "../daemon/base/build/own-build.ts";
import type { VersionStamp } from "../daemon/domain/version-stamp.ts";

const root = new URL("..", import.meta.url).pathname;

/**
 * Leaves in a directory what everything built into it is made from. Programs look for the file upwards from
 * where they lie themselves. The same checkout gives the same bytes. `version` stands in for package.json's.
 */
export async function writeStamp(directory: string, version?: string): Promise<VersionStamp> {
  const own = await new OwnBuild(root).whole();
  const stamp = version === undefined ? own : { ...own, version };
  await writeFile(join(directory, stampFile), `${JSON.stringify(stamp)}\n`);
  return stamp;
}
