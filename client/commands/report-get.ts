import { writeFile } from "node:fs/promises";
import { InvalidArgumentError, type Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import type { Params } from "../../daemon/protocol/methods.ts";
import { addExamples } from "../help-text.ts";
import { usage } from "../refusal.ts";
import { reportView } from "../render/report/report-view.ts";
import type { Session } from "../session.ts";
import { readInstant } from "../since.ts";
import type { Act } from "../verb.ts";

interface Options {
  readonly since?: number;
  readonly until?: number;
  readonly html?: string;
}

/** In place of a file's name. */
const standardOutput = "-";
const dayMs = 86_400_000;
/** How much is asked for: a terminal has few cells, a page room for every run. */
const amounts = {
  terminal: { minutes: 96 },
  page: { minutes: 480, bars: 400, courses: 12 },
} as const;

/** `report`: what happened while nobody looked, as text, as JSON or as a page. */
export function define(command: Command, act: Act): void {
  command.description(
    "Tell what happened while nobody looked: what ended and how, every failure with the command to type next, " +
      "what memory limits saved and cost, how near the box came to running out, what waited, and what the clock started.",
  );
  addExamples(
    command,
    "blutctl report",
    "blutctl report --since yesterday --html report.html",
    "blutctl report --since '2026-11-21 18:00' --until '2026-11-22 07:00'",
  );
  command
    .option(
      "--since <time>",
      "from then on: 12h, 1d (default), yesterday, 2026-11-21, '2026-11-21 18:00'",
      readTime,
    )
    .option("--until <time>", "up to then, in the same words (default: now)", readTime)
    .option(
      "--html <file>",
      "write it as one page with charts, for a browser; - is standard output",
    )
    .action(() =>
      act(command, (session) => {
        const { since, until, html } = command.opts<Options>();
        const amount = html === undefined && !session.output.json ? amounts.terminal : amounts.page;
        const params = {
          sinceAt: since ?? (until ?? Date.now()) - dayMs,
          ...(until !== undefined && { untilAt: until }),
          ...amount,
        };
        if (html !== undefined) return writePage(session, html, params);
        return session.ask("report.get", params, reportView);
      }),
    );
}

async function writePage(
  session: Session,
  file: string,
  params: Params<"report.get">,
): Promise<number> {
  const { output } = session;
  const toOutput = file === standardOutput;
  if (toOutput && (output.json || output.stdout.isTTY === true)) {
    const why = output.json ? "for one JSON value" : "a terminal, which shows no pages";
    return session.refuse(usage(`standard output is ${why}`, "name a file: --html report.html"));
  }
  const answer = await session.link.call("report.get", params);
  if (!answer.ok) return session.refuse(answer.error);
  // Loaded here alone: the charts' library is nothing that another verb needs.
  const { reportPage } = await import("../page/report-page.ts");
  const page = reportPage(answer.value);
  if (toOutput) {
    output.write(output.stdout, page);
    return exitCodes.success.code;
  }
  try {
    await writeFile(file, page);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const remedy = "name a place that can be written to";
    return session.refuse(usage(`${file} was not written: ${why}`, remedy));
  }
  output.confirm({ html: file }, () => file);
  return exitCodes.success.code;
}

function readTime(text: string): number {
  const at = readInstant(text, Date.now());
  if (at !== undefined) return at;
  throw new InvalidArgumentError(
    `expected a length such as 12h or 1d, today, yesterday, or a date such as 2026-11-21, got ${JSON.stringify(text)}`,
  );
}
