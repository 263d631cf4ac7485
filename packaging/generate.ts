import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { generatedFiles } from "./manual/generated.ts";

/* Writes the man pages and completions anew; `npm run generate`. A test fails when they are stale. */
const home = import.meta.dirname;
for (const folder of ["man", "completions"]) {
  await rm(path.join(home, folder), { recursive: true, force: true });
  await mkdir(path.join(home, folder));
}
for (const [name, text] of await generatedFiles()) await writeFile(path.join(home, name), text);
console.log("packaging/man, packaging/completions");
