import type { Command } from "commander";
import { noticeTable } from "../render/notices.ts";
import { addExamples } from "../help-text.ts";
import type { Act } from "../verb.ts";
import { readCount } from "./submit-options.ts";

/** `notify list`: newest first. */
export function define(command: Command, act: Act): void {
  command.description(
    "Show what people were told and what came of it, newest first, and how each way stands.",
  );
  addExamples(command, "blutctl notify list --limit 5");
  command
    .option("--limit <n>", "so many at most (default: 20)", readCount)
    .action(({ limit = 20 }: { readonly limit?: number }) =>
      act(command, (session) => session.ask("notify.list", { limit }, noticeTable)),
    );
}
