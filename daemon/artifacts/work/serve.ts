import { mkdirSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { err, ok } from "../../domain/result.ts";
import type { FromWorker, JobName, JobParams, JobResult, ToWorker } from "../jobs.ts";
import { Place } from "../place.ts";
import { digestOutside } from "./digest-outside.ts";
import { gather } from "./gather.ts";
import { inventory, measure, sweep } from "./inventory.ts";
import { keep } from "./keep.ts";
import { list, unfold } from "./list.ts";
import { publish } from "./publish.ts";
import { removeTree } from "./remove-tree.ts";
import { removeRuns, stripRuns, weighRuns } from "./run-directory.ts";
import { failureFor } from "./trouble.ts";
import { verify } from "./verify.ts";
import { weigh } from "./weigh.ts";

/** Every job's body. What the disk refuses in the artifact directory itself is a failure of all of them. */
const bodies: {
  readonly [N in JobName]: (params: JobParams<N>) => JobResult<N> | Promise<JobResult<N>>;
} = {
  digest: ({ path, ...how }) => digestOutside(path, how, ask),
  keep: ({ directory, outDir, files }) => apart(directory, (place) => keep(place, outDir, files)),
  gather: ({ directory, entries }) => apart(directory, (place) => gather(place, entries)),
  list: ({ directory, digest }) => list(new Place(directory), digest),
  unfold: ({ directory, digest }) => apart(directory, (place) => unfold(place, digest)),
  publish: ({ directory, digest, path }) =>
    apart(directory, (place) => publish(place, digest, path)),
  remove: ({ paths }) => {
    for (const path of paths) removeTree(path);
    return ok(undefined);
  },
  inventory: ({ directory }) => ok(inventory(new Place(directory))),
  weigh: ({ directory, digests }) => ok(weigh(new Place(directory), digests)),
  measure: ({ directory }) => ok(measure(new Place(directory))),
  sweep: ({ directory }) => ok(sweep(new Place(directory))),
  weighRuns: ({ directories }) => ok(weighRuns(directories)),
  stripRuns: ({ directories }) => ok(stripRuns(directories)),
  removeRuns: ({ directories }) => ok(removeRuns(directories)),
  verify: ({ directory }) => ok(verify(new Place(directory))),
};

const port = parentPort;
let answered: ((texts: readonly (string | undefined)[]) => void) | undefined;

port?.on("message", (message: ToWorker) => {
  if (message.kind === "records") answered?.(message.texts);
  else void serve(message.name, message.params);
});

async function serve(name: JobName, params: unknown): Promise<void> {
  tell({ kind: "done", result: await done(name, params as JobParams<typeof name>) });
}

async function done<N extends JobName>(name: N, params: JobParams<N>): Promise<unknown> {
  try {
    return await bodies[name](params);
  } catch (error) {
    const known = failureFor(error);
    if (known === undefined) throw error;
    return err(known);
  }
}

/** Gives a job a place for what it is at, and takes away whatever it leaves there, also when it fails. */
async function apart<T>(directory: string, work: (place: Place) => T | Promise<T>): Promise<T> {
  const place = new Place(directory, new Place(directory).spare());
  mkdirSync(place.temporary, { mode: 0o700 });
  try {
    return await work(place);
  } finally {
    removeTree(place.temporary);
  }
}

/** What is known of these directories. */
function ask(paths: readonly string[]): Promise<readonly (string | undefined)[]> {
  return new Promise((resolve) => {
    answered = resolve;
    tell({ kind: "ask", paths });
  });
}

function tell(message: FromWorker): void {
  port?.postMessage(message);
}
