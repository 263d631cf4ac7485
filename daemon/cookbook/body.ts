import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import type { ArgumentSpecs } from "../domain/argument.ts";
import type { AnyStage, StageContext } from "./stage.ts";

type Body = NonNullable<AnyStage["deed"]["run"]>;
type Context = StageContext<never, never>;

/** What `context.json` says to a stage. */
interface FrozenContext {
  readonly args: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, { readonly path: string }>>;
  readonly out: string;
  readonly events: string;
  readonly checkpoints: string;
  readonly resume?: string;
}

/** Runs the body of a stage by the stage contract: its context is a file, what it says goes to another. */
export async function runBody(body: Body, specs: ArgumentSpecs): Promise<void> {
  const frozen = JSON.parse(readFileSync(variable("BLUT_CONTEXT"), "utf8")) as FrozenContext;
  mkdirSync(frozen.checkpoints, { recursive: true });
  const stop = new AbortController();
  process.once("SIGTERM", () => {
    stop.abort();
  });
  await body(contextOf({ ...frozen, args: numbersIn(frozen.args, specs) }, stop.signal));
}

function contextOf(frozen: FrozenContext, signal: AbortSignal): Context {
  const say = (event: object): void => {
    appendFileSync(frozen.events, `${JSON.stringify({ at: Date.now(), ...event })}\n`);
  };
  const paths = Object.entries(frozen.inputs).map(([name, { path }]) => [name, path]);
  return {
    args: frozen.args as never,
    inputs: Object.fromEntries(paths) as never,
    out: frozen.out,
    checkpoints: frozen.checkpoints,
    ...(frozen.resume !== undefined && { resume: frozen.resume }),
    signal,
    heartbeat() {
      say({ type: "heartbeat" });
    },
    progress(done, total) {
      say({ type: "progress", done, total });
    },
    metric(name, value, step) {
      const told = Number.isFinite(value) ? value : String(value);
      say({ type: "metric", name, value: told, ...(step !== undefined && { step }) });
    },
    checkpoint(file) {
      say({ type: "checkpoint", file });
    },
  };
}

/** A number that JSON has no word for stands in `context.json` by its name. */
function numbersIn(args: FrozenContext["args"], specs: ArgumentSpecs): FrozenContext["args"] {
  const restored = Object.entries(args).map(([name, value]) => {
    const isNamed = specs[name]?.type === "float" && typeof value === "string";
    return [name, isNamed ? Number(value) : value] as const;
  });
  return Object.fromEntries(restored);
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: a stage is started by blutd`);
  return value;
}
