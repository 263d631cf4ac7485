import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";

/*
 * Not TypeScript for the reason that daemon/main/blutd.js tells: what is loaded behind this comes from the
 * daemon's own compile cache, and no thread brings the library that strips types.
 */
if (typeof workerData === "string") enableCompileCache(workerData);
await import("./work/serve.ts");
