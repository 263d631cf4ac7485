#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// In the caller's own cache, never in a shared temporary folder, where another user could leave code.
const cache = process.env["XDG_CACHE_HOME"] ?? `${process.env["HOME"] ?? ""}/.cache`;
if (cache.startsWith("/") && cache !== "/.cache") enableCompileCache(`${cache}/blut/compile`);

// A reader that has seen enough (`blutctl runs | head -1`) is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 141 : 74);
});

// After the cache is on, so that everything the program is made of is loaded through it. Not awaited
// here: the bundle is CommonJS, which starts 3 ms sooner and has no top-level await.
void import("./program.ts")
  .then(({ main }) => main(process))
  .then((code) => {
    process.exitCode = code;
  });
