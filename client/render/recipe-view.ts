import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { escapeText } from "./escape.ts";
import { facts, heading, prose } from "./prose.ts";
import { paint, type Style } from "./style.ts";
import { table } from "./table.ts";

type Recipe = MethodResult<"recipe.list">["recipes"][number];
type Argument = Recipe["args"][number];

/** Recipes by name, with what is given to them. */
export function recipeTable(
  { recipes, directory }: MethodResult<"recipe.list">,
  style: Style,
): string {
  if (recipes.length === 0) {
    const where = directory === undefined ? "" : ` in ${directory}`;
    return prose(
      style,
      `No recipes${where}. A recipe file of your own: blutctl recipe run ./FILE.toml`,
    );
  }
  return table(
    style,
    [
      { title: "NAME", cell: ({ name }) => name },
      { title: "KIND", cell: ({ kind }) => kind },
      { title: "ARGUMENTS", cell: argumentList, shrinksTo: 12 },
      { title: "HELP", cell: about, shrinksTo: 12 },
    ],
    recipes,
  );
}

/** One recipe: what it takes and what it does. */
export function recipeCard(recipe: MethodResult<"recipe.get">, style: Style): string {
  const { name, kind, file, help = "", args, steps, problems } = recipe;
  const wrong = problems.length === 0 ? "" : `${problems.length}; blutctl recipe check ${file}`;
  const parts = [
    paint(style, "bold", escapeText(name, style.unicode)),
    ...(help === "" ? [] : [prose(style, help)]),
    "",
    facts(style, [
      ["kind", kind],
      ["file", file],
      ["problems", wrong],
    ]),
    ...(args.length === 0 ? [] : ["", heading(style, "Arguments"), argumentTable(args, style)]),
    ...(steps.length === 0 ? [] : ["", heading(style, "Steps"), stepTable(steps, style)]),
  ];
  return parts.join("\n");
}

function argumentTable(args: readonly Argument[], style: Style): string {
  return table(
    style,
    [
      { title: "NAME", cell: ({ name }) => name },
      { title: "TYPE", cell: ({ type }) => type },
      {
        title: "DEFAULT",
        cell: (each) => (each.default === undefined ? "must be given" : String(each.default)),
        shrinksTo: 8,
      },
      { title: "ALLOWED", cell: allowed, shrinksTo: 10 },
      { title: "HELP", cell: ({ help = "" }) => help, shrinksTo: 12 },
    ],
    args,
  );
}

function stepTable(steps: MethodResult<"recipe.get">["steps"], style: Style): string {
  return table(
    style,
    [
      { title: "NAME", cell: ({ name }) => name, shrinksTo: 10 },
      { title: "NEEDS", cell: ({ needs }) => needs.join(", "), shrinksTo: 10 },
      { title: "LEAVES", cell: ({ output = "" }) => output, shrinksTo: 8 },
      { title: "COMMAND", cell: ({ command }) => command, shrinksTo: 16 },
    ],
    steps,
  );
}

function allowed({ range, choices }: Argument): string {
  if (choices !== undefined) return choices.join(", ");
  return range === undefined ? "" : range.join(" to ");
}

/** `epochs=5 model=gbt data=`: what has no default stands open. */
function argumentList({ args }: Recipe): string {
  return args
    .map((each) => `${each.name}=${each.default === undefined ? "" : String(each.default)}`)
    .join(" ");
}

function about({ help = "", problems }: Recipe): string {
  const [first] = problems;
  if (first === undefined) return help;
  return `cannot be run: ${first.field === "" ? "" : `${first.field}: `}${first.message}`;
}
