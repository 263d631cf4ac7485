import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleClient } from "./bundle/client.ts";
import { bundleDaemon } from "./bundle/daemon.ts";
import { writeStamp } from "./stamp.ts";

/* Bundles both programs into dist/blut: what a package carries of them, and what the bench measures. */

const root = join(import.meta.dirname, "..");
const out = join(root, "dist/blut");

await rm(out, { recursive: true, force: true });
await bundleClient(root, join(out, "client"));
await bundleDaemon(root, join(out, "daemon"));
await writeStamp(out);
console.log("dist/blut/client/blutctl.js, dist/blut/daemon/blutd.js");
