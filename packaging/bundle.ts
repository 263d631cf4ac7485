import { chmod, rm, writeFile } from "node:fs/promises";
import { build, type Plugin } from "rolldown";
import { writeStamp } from "./stamp.ts";

/*
 * Bundles blutctl into dist/. Two files, because the first has to switch the compile cache on before the
 * second is loaded; CommonJS, because that starts sooner than a module; one file for all verbs, because
 * with the cache a function that is not called costs nothing, and a file that is opened does.
 */
const root = new URL("..", import.meta.url).pathname;
const out = `${root}dist`;

/** Commander loads child_process (2 ms) for verbs that are programs of their own. We have none. */
const withoutSubprograms: Plugin = {
  name: "without-subprograms",
  resolveId: (id, importer) =>
    id === "node:child_process" && importer?.includes("/commander/") === true
      ? "\0no-subprograms"
      : undefined,
  load: (id) => (id === "\0no-subprograms" ? "export default {};" : undefined),
};

/** Only pictures and tables of metrics need these, and one of them is native: they stay packages. */
const packages = ["@resvg/resvg-js", "hyparquet-writer"];

/** Bundles one file; `external` stays a file of its own. */
async function bundle(name: string, external?: string): Promise<void> {
  await build({
    input: `${root}client/${name}.ts`,
    platform: "node",
    plugins: [withoutSubprograms],
    external: (id) => packages.includes(id) || id === `./${external ?? ""}.ts`,
    output: {
      file: `${out}/${name}.js`,
      format: "cjs",
      minify: true,
      codeSplitting: false,
      paths: (id) => (id.endsWith(`/${external ?? ""}.ts`) ? `./${external ?? ""}.js` : id),
      // As `require`: an import would load and start the loader of modules.
      dynamicImportInCjs: false,
    },
  });
}

await rm(out, { recursive: true, force: true });
await bundle("blutctl", "program");
await bundle("program");
await writeFile(`${out}/package.json`, '{ "type": "commonjs" }\n');
await writeStamp(out);
await chmod(`${out}/blutctl.js`, 0o755);
console.log("dist/blutctl.js");
