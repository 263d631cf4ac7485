import type { Command } from "commander";
import { artifactCard } from "../render/artifact.ts";
import type { Act } from "../verb.ts";
import { given, readCount } from "./submit-options.ts";

/** `artifact show`: one artifact, what is in it and who made it. */
export function define(command: Command, act: Act): void {
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
