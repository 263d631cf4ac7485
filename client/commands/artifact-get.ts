import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { artifactCard } from "../render/artifact.ts";
import type { Act } from "../verb.ts";
import { given, readCount } from "./submit-options.ts";

/** `artifact show`: one artifact, what is in it and who made it. */
export function define(command: Command, act: Act): void {
  command.description(
    "Show one artifact: what is in it, which step made it, and what it stands in for.",
  );
  addExamples(command, "blutctl artifact show 3f9a81");
  command
    .argument("<digest>", "its digest, or enough of the beginning to be the only one")
    .option("--limit <n>", "so many entries at most (default: 100)", readCount)
    .action((artifact: string) =>
      act(command, (session) => {
        const { limit } = command.opts<{ limit?: number }>();
        return session.ask("artifact.get", { artifact, ...given({ limit }) }, artifactCard);
      }),
    );
}
