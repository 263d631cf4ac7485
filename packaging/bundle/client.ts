import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "rolldown";
import { filesOf } from "./files.ts";

/** Commander loads child_process (2 ms) for verbs that are programs of their own. We have none. */
const withoutSubprograms: Plugin = {
  name: "without-subprograms",
  resolveId: (id, importer) =>
    id === "node:child_process" && importer?.includes("/commander/") === true
      ? "\0no-subprograms"
      : undefined,
  load: (id) => (id === "\0no-subprograms" ? "export default {};" : undefined),
};

/** What is loaded on its own: the program after the cache is on, and what only few verbs need. One is native. */
const apart = new Map([
  ["./program.ts", "./program.js"],
  ["hyparquet-writer", "./parquet.js"],
  ["@resvg/resvg-js", "@resvg/resvg-js"],
]);

/**
 * Bundles blutctl into `out`, and answers the files that went into it. Two files for the program, because the first
 * has to switch the compile cache on before the second is loaded; CommonJS, because that starts sooner than a
 * module; one file for all verbs, because with the cache a function that is not called costs nothing, and a file
 * that is opened does.
 */
export async function bundleClient(root: string, out: string): Promise<readonly string[]> {
  const program = join(root, "client/program.ts");
  const files = [
    ...(await bundle(root, join(root, "client/blutctl.ts"), join(out, "blutctl.js"))),
    ...(await bundle(root, program, join(out, "program.js"))),
    ...(await bundle(root, "hyparquet-writer", join(out, "parquet.js"))),
  ];
  await writeFile(join(out, "package.json"), '{ "type": "commonjs" }\n');
  await chmod(join(out, "blutctl.js"), 0o755);
  return files;
}

async function bundle(root: string, input: string, file: string): Promise<string[]> {
  const { output } = await build({
    input,
    // Packages are looked up from there.
    cwd: root,
    platform: "node",
    plugins: [withoutSubprograms],
    external: (id) => id !== input && apart.has(id),
    output: {
      file,
      format: "cjs",
      minify: true,
      codeSplitting: false,
      paths: (id) => apart.get(id) ?? (id.endsWith("/client/program.ts") ? "./program.js" : id),
      // As `require`: an import would load and start the loader of modules.
      dynamicImportInCjs: false,
    },
  });
  return filesOf(output);
}
