import { InvalidArgumentError, type Command } from "commander";
import { addExamples } from "../help-text.ts";
import { reportView } from "../render/report/report-view.ts";
import { readInstant } from "../since.ts";
import type { Act } from "../verb.ts";

interface Options {
  readonly since?: number;
  readonly until?: number;
}

const dayMs = 86_400_000;
/** How much is asked for: a terminal has few cells, a page room for every run. */
const amounts = {
  terminal: { minutes: 96 },
  page: { minutes: 480, bars: 400, courses: 12 },
} as const;

/** `report`: what happened while nobody looked, as text or as JSON. */
export function define(command: Command, act: Act): void {
  command.description(
    "Tell what happened while nobody looked: what ended and how, every failure with the command to type next, " +
      "what memory limits saved and cost, how near the box came to running out, what waited, and what the clock started.",
  );
  addExamples(
    command,
    "blutctl report",
    "blutctl report --since yesterday",
    "blutctl report --since '2026-11-21 18:00' --until '2026-11-22 07:00'",
  );
  command
    .option(
      "--since <time>",
      "from then on: 12h, 1d (default), yesterday, 2026-11-21, '2026-11-21 18:00'",
      readTime,
    )
    .option("--until <time>", "up to then, in the same words (default: now)", readTime)
    .action(() =>
      act(command, (session) => {
        const { since, until } = command.opts<Options>();
        const amount = session.output.json ? amounts.page : amounts.terminal;
        const params = {
          sinceAt: since ?? (until ?? Date.now()) - dayMs,
          ...(until !== undefined && { untilAt: until }),
          ...amount,
        };
        return session.ask("report.get", params, reportView);
      }),
    );
}

function readTime(text: string): number {
  const at = readInstant(text, Date.now());
  if (at !== undefined) return at;
  throw new InvalidArgumentError(
    `expected a length such as 12h or 1d, today, yesterday, or a date such as 2026-11-21, got ${JSON.stringify(text)}`,
  );
}
