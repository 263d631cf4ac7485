import { escapeText } from "../render/escape.ts";
import { prose } from "../render/prose.ts";
import { paint, type Style } from "../render/style.ts";
import { runProgram } from "./now.ts";
import type { Place } from "./place.ts";
import type { Step } from "./step.ts";

const indent = 4;

/** A step as JSON has it. */
export interface ShownStep {
  readonly kind: Step["kind"];
  readonly what: string;
  readonly file?: string;
  readonly command?: string;
  /** Of a file that is there: what changes. Of a new one: all of it. */
  readonly text?: string;
}

/** What a step would do, to the letter. */
export async function showStep(step: Step, { env }: Place): Promise<ShownStep> {
  const { kind, what } = step;
  switch (step.kind) {
    case "run":
      return { kind, what, command: step.command.join(" ") };
    case "remove":
      return { kind, what, file: step.file };
    case "write": {
      const { file, text, before } = step;
      if (before === undefined) return { kind, what, file, text };
      const named = ["--label", file, "--label", `${file} (new)`];
      // It exits with 1 when something differs.
      const { stdout } = await runProgram(["diff", "-u", ...named, "--", file, "-"], env, text);
      return { kind, what, file, text: stdout === "" ? text : stdout };
    }
  }
}

/** A step in a line, its text left out. */
export function stepLine({ kind, command, file }: ShownStep): string {
  return command ?? `${kind} ${file ?? ""}`;
}

/** A step for a person: what, then why. A new file is shown in full where it is short. */
export function stepText(step: ShownStep, style: Style): string {
  const subject = step.command ?? step.file ?? "";
  const head = `${paint(style, "bold", step.kind.padEnd(7))}${prose(style, subject, 7)}`;
  const why = " ".repeat(7) + paint(style, "dim", prose(style, step.what, 7));
  return [head, why, ...textLines(step, style)].join("\n");
}

const shortLines = 60;

function textLines({ text }: ShownStep, style: Style): string[] {
  if (text === undefined) return [];
  const lines = text.trimEnd().split("\n");
  if (lines.length > shortLines)
    return [`${" ".repeat(indent + 3)}(${lines.length} lines; --dry-run --json shows them)`];
  return lines.map((line) =>
    paintDiff(style, `${" ".repeat(indent + 3)}${escapeText(line, style.unicode)}`),
  );
}

function paintDiff(style: Style, line: string): string {
  const sign = line.trimStart()[0];
  if (sign === "+") return paint(style, "green", line);
  return sign === "-" ? paint(style, "red", line) : line;
}
