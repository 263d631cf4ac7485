import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { formatBytes, formatBytesShort } from "./bytes.ts";
import { drawDag } from "./dag.ts";
import { digestDigits } from "./digest.ts";
import { groupSteps, type PlanStep, type StepGroup } from "./plan-groups.ts";
import { facts, prose } from "./prose.ts";
import { paint, type Style } from "./style.ts";
import { table } from "./table.ts";
import { textWidth } from "./text-width.ts";

type PlanAnswer = MethodResult<"recipe.plan">;

/** Lanes take two cells each; a drawing of more is no longer one. */
const mostLanes = 12;
/** A reason of more cells may be cut in the table, and is said below it. */
const longestReason = 30;
/** Reasons named of steps that can never start. */
const mostNever = 5;

/** A plan as a person reads it: the DAG, what is there already, what the rest takes, and whether it fits. */
export function planView(plan: PlanAnswer, style: Style): string {
  const isSweep = (plan.recipe?.points ?? 1) > 1;
  const groups = groupSteps(plan.steps, isSweep);
  const left =
    plan.left === 0 ? "" : `... and ${plan.left} more ${plan.left === 1 ? "step" : "steps"}`;
  return [stepTable(groups, style), left, "", summary(plan, style)]
    .filter((part, i) => part !== "" || i === 2)
    .join("\n");
}

function stepTable(groups: readonly StepGroup[], style: Style): string {
  const drawn = drawDag(groups, { unicode: style.unicode, mostLanes });
  const width = Math.max(0, ...(drawn ?? []).map(textWidth));
  const rows = groups.map((group, i) => ({
    group,
    lanes: drawn === undefined ? "" : `${(drawn[i] ?? "").padEnd(width)} `,
  }));
  return table(
    style,
    [
      { title: "STEP", cell: ({ lanes, group }) => lanes + group.title, shrinksTo: width + 12 },
      {
        title: "NEEDS",
        cell: ({ group }) => (drawn === undefined ? listed(group.needs) : ""),
        shrinksTo: 10,
      },
      { title: "LEAVES", cell: ({ group }) => group.steps[0]?.output ?? "", shrinksTo: 8 },
      {
        title: "CACHE",
        cell: ({ group }) => cacheOf(group.steps),
        color: (within, text, { group }) => paint(within, cacheColor(group.steps), text),
        shrinksTo: 16,
      },
      { title: "MEMORY", cell: ({ group }) => memoryOf(group.steps), shrinksTo: 14 },
    ],
    rows,
  );
}

/** The first two, and how many more there are. */
function listed(names: readonly string[]): string {
  const named = names.slice(0, 2).join(", ");
  return names.length > 2 ? `${named} +${names.length - 2}` : named;
}

/** One verdict with its reason; of many steps how many have which, and the reason most of the misses share. */
function cacheOf(steps: readonly PlanStep[]): string {
  const counts = new Map<string, number>();
  for (const { cache } of steps) {
    const words = steps.length === 1 ? verdictWords(cache) : shortVerdict(cache);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  if (steps.length === 1) return [...counts.keys()].join("");
  return [...counts].map(([words, count]) => `${count} ${words}`).join(", ");
}

function verdictWords(cache: PlanStep["cache"]): string {
  switch (cache.kind) {
    case "hit":
      return `hit, from ${cache.runId}`;
    case "miss":
      return `miss: ${changes(cache.changed)}`;
    case "unknown":
      // A step that maps a list that is there: its elements are looked up one by one.
      return cache.after.length === 0
        ? "each element by itself"
        : `unknown before ${listed(cache.after)}`;
    case "never":
      return "always runs";
  }
}

function shortVerdict(cache: PlanStep["cache"]): string {
  if (cache.kind === "miss") return `miss: ${changes(cache.changed)}`;
  return cache.kind === "never" ? "always run" : cache.kind;
}

function changes(changed: readonly string[]): string {
  return changed.length === 0 ? "never done" : `other ${changed.join(", ")}`;
}

function cacheColor(steps: readonly PlanStep[]): "green" | "yellow" | "dim" {
  if (steps.every(({ cache }) => cache.kind === "hit")) return "green";
  return steps.some(({ cache }) => cache.kind === "miss") ? "yellow" : "dim";
}

/** The limit each would get, and where it comes from. */
function memoryOf(steps: readonly PlanStep[]): string {
  const limits = steps.flatMap(({ footprint }) =>
    "limitBytes" in footprint ? [footprint.limitBytes] : [],
  );
  if (limits.length < steps.length) return "never fits";
  const [least, most] = [Math.min(...limits), Math.max(...limits)].map(formatBytesShort);
  const origins = new Set(
    steps.map(({ footprint }) => ("origin" in footprint ? footprint.origin.kind : "")),
  );
  const size = least === most ? (least ?? "") : `${least ?? ""} to ${most ?? ""}`;
  return `${size} ${[...origins].join(", ")}`;
}

function summary(plan: PlanAnswer, style: Style): string {
  const { recipe } = plan;
  return facts(style, [
    ["recipe", recipe === undefined ? "" : `${recipe.name}, ${recipe.file}`],
    ["sweep", recipe === undefined || recipe.points < 2 ? "" : `${recipe.points} points`],
    ["configured", recipe === undefined ? "" : recipe.fingerprint.slice(0, digestDigits)],
    ["cache", cacheSummary(plan.cache)],
    ["changed", changedAnywhere(plan.steps)],
    ["memory", memorySummary(plan.memory)],
    ["fits", plan.fits ? "yes" : { drawn: neverLines(plan, style) }],
  ]);
}

function cacheSummary({ hit, miss, unknown, never }: PlanAnswer["cache"]): string {
  const parts = [
    [hit, "there already"],
    [miss, "to be done"],
    [unknown, "known only when their turn comes"],
    [never, "done every time"],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(", ");
}

/** Every part of a key that is another in some step, when a row of the table has no room for its own. */
function changedAnywhere(steps: readonly PlanStep[]): string {
  const misses = steps.flatMap(({ cache }) => (cache.kind === "miss" ? [cache] : []));
  if (misses.every((miss) => verdictWords(miss).length <= longestReason)) return "";
  const parts = misses.flatMap(({ changed }) => changed);
  return [...new Set(parts)].join(", ");
}

function memorySummary({
  peakBytes,
  wantedBytes,
  budgetBytes,
  stepsAtOnce,
}: PlanAnswer["memory"]): string {
  if (stepsAtOnce === 0) return `none of ${formatBytes(budgetBytes)}: nothing is to be done`;
  const steps = stepsAtOnce === 1 ? "1 step" : `${stepsAtOnce} steps`;
  const held = wantedBytes > peakBytes ? `; ${formatBytes(wantedBytes)} if the budget had it` : "";
  return `at most ${formatBytes(peakBytes)} of ${formatBytes(budgetBytes)} at a time, in ${steps}${held}`;
}

function neverLines({ never, recipe }: PlanAnswer, style: Style): string {
  // As wide as the labels beside it.
  const indent = recipe === undefined ? 8 : 12;
  const lines = never
    .slice(0, mostNever)
    .map(({ step, sentence }) => prose(style, `no: ${step}: ${sentence}`, indent));
  const left = never.length - lines.length;
  return [...lines, ...(left > 0 ? [`and ${left} more`] : [])].join(`\n${" ".repeat(indent)}`);
}
