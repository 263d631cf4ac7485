/** A small program that sweeps an artifact directory until it is killed: `sweeper.ts STORE`. */
import { writeSync } from "node:fs";
import { Place } from "../../../../daemon/artifacts/place.ts";
import { sweep } from "../../../../daemon/artifacts/work/inventory.ts";

const [, , directory = ""] = process.argv;
const place = new Place(directory);
sweep(place);
writeSync(1, "begin\n");
for (;;) sweep(place);
