import { chmod, cp } from "node:fs/promises";
import { join } from "node:path";
import { build } from "rolldown";
import { filesOf } from "./files.ts";

/** What starts on its own: the daemon, its threads, the process of a cookbook, and what cookbooks import. */
const programs = {
  blutd: "daemon/main/blutd.js",
  worker: "daemon/artifacts/worker.js",
  host: "daemon/cookbook/host.ts",
  index: "daemon/cookbook/index.ts",
};

/** What the daemon reads beside the file that asks for it. */
const besides = {
  "shim.sh": "daemon/launcher/shim/shim.sh",
  migrations: "daemon/store/migrations",
};

/** Native: it stays a package. */
const packages = ["better-sqlite3"];
/** An optional part of dbus-next, for a bus that only X11 knows of. */
const absent = ["x11"];

/**
 * Bundles blutd into `out`, and answers the files that went into it. All files lie in one directory, so that what
 * the sources look for beside themselves is beside every piece. Names and lines are kept: the place of a bug shall
 * be readable in a log.
 */
export async function bundleDaemon(root: string, out: string): Promise<readonly string[]> {
  const entries = Object.entries(programs).map(([name, file]) => [name, join(root, file)]);
  const { output } = await build({
    input: Object.fromEntries(entries) as Record<string, string>,
    cwd: root,
    platform: "node",
    external: [...packages, ...absent],
    output: {
      dir: out,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name].js",
      comments: false,
    },
  });
  for (const [name, file] of Object.entries(besides)) {
    await cp(join(root, file), join(out, name), { recursive: true });
  }
  await chmod(join(out, "blutd.js"), 0o755);
  return filesOf(output);
}
