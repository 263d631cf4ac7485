import path from "node:path";
import { quoted } from "../../base/quoted.ts";
import type { ArgumentSpec, ArgumentValue } from "../../domain/argument.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Term, Typed } from "./override.ts";
import { guessValue, readValue } from "./value.ts";

/** Values of one argument at most; whoever wants more has mistyped a range. */
const mostValues = 10_000;

/** The values that what was typed stands for, in order, each once. Without a spec they are guessed. */
export function valuesOf(
  terms: readonly Term[],
  spec: ArgumentSpec | undefined,
): Result<ArgumentValue[], string> {
  const values = new Set<ArgumentValue>();
  for (const term of terms) {
    const found = term.kind === "value" ? oneValue(term.value, spec) : call(term, spec);
    if (!found.ok) return found;
    for (const value of found.value) values.add(value);
  }
  return ok([...values]);
}

function oneValue(typed: Typed, spec: ArgumentSpec | undefined): Result<ArgumentValue[], string> {
  if (spec === undefined) return ok([typed.isQuoted ? typed.text : guessValue(typed.text)]);
  const value = readValue(typed.text, spec);
  return value.ok ? ok([value.value]) : value;
}

function call(
  { kind, of }: Exclude<Term, { kind: "value" }>,
  spec: ArgumentSpec | undefined,
): Result<ArgumentValue[], string> {
  const texts = of.map(({ text }) => text);
  return kind === "range" ? range(texts, spec) : glob(texts, spec?.choices);
}

/** `range(start,stop[,step])` as in Python: `stop` is not among the values. */
function range(
  texts: readonly string[],
  spec: ArgumentSpec | undefined,
): Result<ArgumentValue[], string> {
  const shape = "expected range(START,STOP) or range(START,STOP,STEP) of numbers";
  const numbers = texts.map((text) => Number(text.trim() === "" ? NaN : text));
  const [start = NaN, stop = NaN, step = 1] = numbers;
  if (texts.length < 2 || texts.length > 3 || !numbers.every(Number.isFinite)) return err(shape);
  if (step === 0) return err(`${shape}: a step of 0 goes nowhere`);
  if (spec?.type === "int" && !numbers.every(Number.isSafeInteger)) {
    return err("expected whole numbers in the range of a whole number");
  }
  if (spec !== undefined && spec.type !== "int" && spec.type !== "float") {
    return err(`a range gives numbers, and this is a ${spec.type}`);
  }
  const digits = Math.max(...texts.map(decimals));
  // A stop that is a whole number of steps away must not come in by a rounding error.
  const count = Math.max(0, Math.ceil(Number(((stop - start) / step).toFixed(9))));
  if (count === 0) return err("the range is empty: nothing lies from START to before STOP");
  if (count > mostValues) return err(`the range has ${count} values, at most ${mostValues} go`);
  return ok(Array.from({ length: count }, (_, i) => rounded(start + i * step, digits)));
}

/** 0.1 + 2 * 0.1 is 0.3: as many decimals as were typed. */
function rounded(value: number, digits: number): number {
  return digits > 15 ? value : Number(value.toFixed(digits)) + 0;
}

function decimals(text: string): number {
  const [, fraction = "", exponent = "0"] =
    /\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text.trim().replace(/^[^.e]*/i, "")) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}

function glob(
  patterns: readonly string[],
  choices: readonly ArgumentValue[] | undefined,
): Result<ArgumentValue[], string> {
  if (choices === undefined) return err("glob() picks among choices, and this has none");
  const found = choices.filter((choice) =>
    patterns.some((pattern) => path.matchesGlob(String(choice), pattern)),
  );
  const wanted = quoted(patterns.join(","));
  return found.length > 0
    ? ok(found)
    : err(`no choice matches ${wanted}: there are ${choices.join(", ")}`);
}
