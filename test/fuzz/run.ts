import { parseArgs } from "node:util";
import { mutate, seededRandom } from "./mutate.ts";
import { fuzzTargets } from "./targets.ts";

/**
 * Fuzzes every target for so long: `node test/fuzz/run.ts --minutes 5 [--target NAME] [--seed N]`. A find
 * is printed with the seed that makes it again, and ends the run with 1.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    target: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
  },
});
const firstSeed = Number(values.seed);
const targets = fuzzTargets.filter(
  ({ name }) => values.target === undefined || name === values.target,
);
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

for (const target of targets) {
  const endMs = performance.now() + Number(values.minutes) * 60_000;
  let seed = firstSeed;
  for (; performance.now() < endMs; seed++) {
    const input = mutate(seededRandom(seed), target.seeds, target.tokens);
    try {
      target.check(input);
    } catch (error) {
      say(`${target.name}: found with --target "${target.name}" --seed ${seed}`);
      say(`input (base64): ${Buffer.from(input).toString("base64")}`);
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exitCode = 1;
      break;
    }
  }
  say(`${target.name}: ${seed - firstSeed} inputs from seed ${firstSeed}`);
}
