import { writeFileSync, writeSync } from "node:fs";
import { registerHooks } from "node:module";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ownProgram } from "../base/build/own-program.ts";
import type { ArgumentSpecs, ArgumentValue } from "../domain/argument.ts";
import { runBody } from "./body.ts";
import type { Cookbook } from "./cookbook.ts";
import { stepsOfDraft } from "./draft-to-plan.ts";
import { fromText, toText } from "./exchange/text.ts";
import { registryOf } from "./registry.ts";

// The process that a cookbook is loaded in, never the daemon: `list FILE`, `compile FILE RECIPE HOME` (points
// as a JSON array on standard input) and `run FILE STAGE`. The first two answer on descriptor 3.

const ownRoom = new URL(".", import.meta.url).href;
const ownIndex = pathToFileURL(ownProgram("index", import.meta.url)).href;
const sources = new Set<string>();

/** Gives cookbooks the name they import us by, wherever they lie, and keeps what else they load. */
function installHooks(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === "blut/cookbook") {
        return { url: ownIndex, shortCircuit: true };
      }
      return next(specifier, context);
    },
    load(url, context, next) {
      const isTheirs = url.startsWith("file:") && !url.includes("/node_modules/");
      if (isTheirs && !url.startsWith(new URL("..", ownRoom).href)) sources.add(fileURLToPath(url));
      return next(url, context);
    },
  });
}

async function load(file: string): Promise<Cookbook> {
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  const content = module.default;
  if (typeof content !== "object" || content === null || !("stages" in content)) {
    throw new Error("it has no `export default cookbook({ stages, recipes })`");
  }
  return content as Cookbook;
}

async function compile(file: string, name: string, home: string): Promise<unknown> {
  const { recipes } = await load(file);
  const recipe = recipes.find((one) => one.name === name);
  if (recipe === undefined) throw new Error(`it has no recipe ${name}`);
  const points = fromText(await text(process.stdin)) as Record<string, ArgumentValue>[];
  const kitchen = { file, home, sources: [...sources].sort() };
  return points.map((point) => stepsOfDraft(recipe.plan(point), kitchen));
}

async function run(file: string, name: string): Promise<void> {
  const stage = (await load(file)).stages.find((one) => one.name === name);
  if (stage?.deed.run === undefined) throw new Error(`it has no stage ${name} with a body`);
  await runBody(stage.deed.run, stage.args as ArgumentSpecs);
}

/** A long answer is written whole, whatever the pipe takes at once. */
function answer(value: unknown): void {
  const bytes = Buffer.from(toText(value));
  for (let at = 0; at < bytes.length;) at += writeSync(3, bytes, at);
}

const [command, file = "", name = "", home = ""] = process.argv.slice(2);
// Whoever asked is protected; what a person wrote goes before it when memory is short.
if (command !== "run") writeFileSync("/proc/self/oom_score_adj", "500");
installHooks();
if (command === "list") answer(registryOf(await load(file), [...sources].sort()));
else if (command === "compile") answer(await compile(file, name, home));
else await run(file, name);
