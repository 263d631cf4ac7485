import { recipeFile } from "../../daemon/planning/recipe/schema.ts";
import { scheduleFile } from "../../daemon/timers/schedule-schema.ts";
import { fragment } from "./markdown.ts";
import * as p from "./page.ts";
import { branches, keyTerms, schemaOf, type Schema } from "./schema.ts";

/** blut-recipe(5), from the schema that recipes are checked by. */
export function recipePage(): p.Page {
  const { properties = {}, ...file } = schemaOf(recipeFile, "input");
  const { args, defaults, steps, ...top } = properties;
  const shared = Object.keys(defaults?.properties ?? {});
  return {
    name: "blut-recipe",
    section: 5,
    summary: "work that is written down, in steps",
    blocks: [
      ...fragment("blut-recipe"),
      p.section("KEYS"),
      ...keyTerms({ ...file, properties: top }),
      p.section("[args.NAME]"),
      ...keyTerms(elementOf(args)),
      p.section("[steps.NAME]"),
      ...keyTerms(elementOf(steps), shared),
      p.section("[steps.NAME] AND [defaults]"),
      p.paragraph("What a step says goes before what `[defaults]` says for all of them."),
      ...keyTerms(defaults ?? {}),
      ...fragment("blut-recipe-end"),
    ],
  };
}

/** blut-schedule(5), likewise. */
export function schedulePage(): p.Page {
  const { properties = {}, ...file } = schemaOf(scheduleFile, "input");
  const { run, ...top } = properties;
  return {
    name: "blut-schedule",
    section: 5,
    summary: "work that the clock starts",
    blocks: [
      ...fragment("blut-schedule"),
      p.section("KEYS"),
      ...keyTerms({ ...file, properties: top }),
      p.section("[run]"),
      ...keyTerms(run ?? {}),
      ...fragment("blut-schedule-end"),
    ],
  };
}

/** The table that each entry of a table is. */
function elementOf(table: Schema | undefined): Schema {
  const of = table?.additionalProperties;
  return typeof of === "object" ? (branches(of)[0] ?? {}) : {};
}
