#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";

/*
 * The one file that is not TypeScript: to read one, Node loads a library that costs 25 MiB for as long as
 * the daemon lives, and more memory makes every spawn dearer. What it made of the others is kept, in a
 * cache of our own user's, never in a shared temporary folder, where another user could leave code.
 */
const cache = process.env["XDG_CACHE_HOME"] ?? `${process.env["HOME"] ?? ""}/.cache`;
if (cache.startsWith("/") && cache !== "/.cache") enableCompileCache(`${cache}/blut/compile`);

// The heap for what is new stays at its first size: grown by one busy second, it stays large for good. That
// is 9 MiB of a resting daemon and 20 of a busy one, and costs no measurable throughput.
setFlagsFromString("--semi-space-growth-factor=1");
// And what is old is collected before it has grown by a quarter: plans of 10,000 steps come and go, and left
// alone the heap keeps room for ten of them.
setFlagsFromString("--heap-growing-percent=20");

// Only now, so that everything the daemon is made of is loaded through it.
const { main } = await import("./program.ts");
process.exit(await main(process.argv.slice(2)));
