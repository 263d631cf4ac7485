import { CronExpressionParser } from "cron-parser";
import type { CronFields } from "../domain/schedule.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { everFires } from "./next-instant.ts";

/** What the names of cron(8) stand for. */
const nicknames: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
  "@weekdays": "0 0 * * 1-5",
  "@weekends": "0 0 * * 0,6",
};

/**
 * Reads a cron expression: five fields, or six with seconds first; names of months and days; `@daily` and
 * its like; `H`, which the `seed` turns into a number that is always the same. What can never fire is refused.
 */
export function parseCron(written: string, seed: string): Result<CronFields, string> {
  const text = written.trim();
  const expression = Object.hasOwn(nicknames, text) ? (nicknames[text] ?? "") : text;
  if (expression.startsWith("@")) {
    return err(`expected one of ${Object.keys(nicknames).join(", ")}, or five fields`);
  }
  const words = expression.split(/\s+/);
  if (words.length !== 5 && words.length !== 6) {
    const count = expression === "" ? 0 : words.length;
    return err(`expected five fields, or six with seconds first, got ${count}`);
  }
  let fields: Parsed;
  try {
    ({ fields } = CronExpressionParser.parse(expression, { hashSeed: seed }));
  } catch (error) {
    // Its errors have no class of their own.
    if (!(error instanceof Error)) throw error;
    return err(sentenceOf(error.message));
  }
  const stray = fields.dayOfWeek.values.map(String).find((value) => !/^\d+L?$/.test(value));
  if (stray !== undefined) return err(`${stray} is no day of the week; the last Friday is 5L`);
  const read = toFields(fields, words);
  return everFires(read) ? ok(read) : err("it can never fire: no such day is in the calendar");
}

type Parsed = ReturnType<typeof CronExpressionParser.parse>["fields"];

function toFields(fields: Parsed, words: readonly string[]): CronFields {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = fields;
  const ofWeek = dayOfWeek.values.map(String);
  const weekdays = (isLast: boolean): number[] =>
    numbers(ofWeek.filter((each) => each.endsWith("L") === isLast)).map((each) => each % 7);
  return {
    seconds: numbers(second.values),
    minutes: numbers(minute.values),
    hours: numbers(hour.values),
    daysOfMonth: numbers(dayOfMonth.values.filter((value) => value !== "L")),
    lastDayOfMonth: dayOfMonth.values.includes("L"),
    months: numbers(month.values),
    daysOfWeek: weekdays(false),
    lastDaysOfWeek: weekdays(true),
    ...(dayOfWeek.nthDay > 0 && { nthOfMonth: dayOfWeek.nthDay }),
    eitherDay: [words.at(-3), words.at(-1)].every((word) => !/^[*?]/.test(word ?? "")),
    isWildcard: words.slice(0, -3).some((word) => word.startsWith("*")),
  };
}

function numbers(values: readonly (number | string)[]): number[] {
  return values.map((value) => parseInt(String(value), 10)).sort((a, b) => a - b);
}

/** What the parser says, as the rest of a sentence. */
function sentenceOf(message: string): string {
  if (message.includes("explicit day of month")) {
    return "it can never fire: no such day is in the calendar";
  }
  return message.replace(/^(?:Constraint error|Validation error|Invalid cron expression), /, "");
}
