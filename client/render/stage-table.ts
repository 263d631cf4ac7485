import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { escapeText } from "./escape.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

type Listed = MethodResult<"stage.list">;
type Stage = Listed["stages"][number];

/** What the cookbooks offer, by category, and the cookbooks that cannot be used. */
export function stageTable({ stages, broken }: Listed, style: Style): string {
  const complaints = broken.map(({ message }) => escapeText(message, style.unicode));
  if (stages.length === 0) {
    return [
      "No cookbook offers a stage: they are .ts files beside your recipes.",
      ...complaints,
    ].join("\n");
  }
  return [drawn(stages, style), ...complaints].join("\n");
}

/** What fits a slot. */
export function swapTable(
  { step, stage, candidates }: MethodResult<"recipe.swaps">,
  style: Style,
): string {
  if (candidates.length > 0) return drawn(candidates, style);
  const [slot, now] = [escapeText(step, style.unicode), escapeText(stage, style.unicode)];
  return `No other stage takes and leaves what ${slot} does (now ${now}).`;
}

function drawn(stages: readonly Stage[], style: Style): string {
  return table<Stage>(
    style,
    [
      { title: "CATEGORY", cell: ({ category }) => category, shrinksTo: 8 },
      { title: "STAGE", cell: ({ name, version }) => `${name} ${version}`, shrinksTo: 12 },
      { title: "TAKES", cell: ({ inputs }) => kinds(inputs), shrinksTo: 8 },
      { title: "LEAVES", cell: ({ output }) => output ?? "", shrinksTo: 6 },
      { title: "ARGUMENTS", cell: ({ args }) => args.map(argument).join(" "), shrinksTo: 10 },
      { title: "", cell: ({ help }) => help, shrinksTo: 8 },
    ],
    stages,
  );
}

function kinds(inputs: Stage["inputs"]): string {
  return Object.entries(inputs)
    .map(([name, kind]) => `${name}:${kind}`)
    .join(" ");
}

/** `epochs=5` has a default, `lr:float` must be given. */
function argument({ name, type, default: value }: Stage["args"][number]): string {
  return value === undefined ? `${name}:${type}` : `${name}=${String(value)}`;
}
