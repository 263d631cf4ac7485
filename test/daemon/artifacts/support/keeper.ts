/**
 * A small program that keeps one output and says its digest: `keeper.ts STORE OUT`. It works on its main
 * thread, so that a test can end it at any of its system calls.
 */
import { mkdirSync, writeSync } from "node:fs";
import { Place } from "../../../../daemon/artifacts/place.ts";
import { keep } from "../../../../daemon/artifacts/work/keep.ts";
import { unwrap } from "../../store/support/rows.ts";

const [, , directory = "", outDir = ""] = process.argv;
const place = new Place(directory);
for (const made of [place.temporary, place.blobs, place.kept]) mkdirSync(made, { recursive: true });
writeSync(1, "begin\n");
const { digest } = unwrap(keep(place, outDir, ["a", "sub/deep/b"]));
writeSync(1, `kept ${digest}\n`);
