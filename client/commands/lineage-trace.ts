import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { lineageTree } from "../render/lineage-tree.ts";
import type { Act } from "../verb.ts";
import { given, readCount } from "./submit-options.ts";

/** `lineage trace`: what an artifact was made of, or with `--down` what was made of it. */
export function define(command: Command, act: Act): void {
  command.description(
    "Show what an artifact was made of, as a tree: the attempts, what they read, and from which commit.",
  );
  addExamples(command, "blutctl lineage trace 3f9a81", [
    "what was made of it",
    "blutctl lineage trace --down 3f9a81",
  ]);
  command
    .argument("<digest>", "of an artifact, or the beginning of one")
    .option("--down", "what was made of it instead")
    .option("--limit <n>", "so many lines at most (default: 500)", readCount)
    .action((artifact: string) =>
      act(command, (session) => {
        const { down, limit } = command.opts<{ down?: true; limit?: number }>();
        const params = {
          artifact,
          ...(down === true && { direction: "down" as const }),
          ...given({ limit }),
        };
        return session.ask("lineage.trace", params, lineageTree);
      }),
    );
}
