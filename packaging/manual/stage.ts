import { topics } from "../../client/topics.ts";
import { fragment } from "./markdown.ts";
import * as p from "./page.ts";

/** blut-stage(7): the variables that the executor sets, and the contract around them. */
export function stagePage(): p.Page {
  const { rows } = topics.stages;
  return {
    name: "blut-stage",
    section: 7,
    summary: "what a command that blut runs is told, and what it may say",
    blocks: [
      ...fragment("blut-stage"),
      p.section("ENVIRONMENT"),
      ...rows.map(({ name, meaning }) => p.term([p.bold(name)], p.sentence(meaning))),
      ...fragment("blut-stage-end"),
    ],
  };
}
