import { styleText } from "node:util";

/** What the reader's terminal can show. */
export interface Style {
  readonly color: boolean;
  readonly unicode: boolean;
  /** Columns a line may have. */
  readonly width: number;
  /** Epoch ms that ages are counted from. */
  readonly now: number;
}

/** Names of colours and weights, as `util.styleText` takes them. */
export type Format = Parameters<typeof styleText>[0];

/** What `--color` was set to. */
export type ColorChoice = "auto" | "always" | "never";

/** The facts about a stream and its surroundings that decide its {@link Style}. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
  readonly columns: number | undefined;
}

/** Decides the style of one stream. A line has 80 columns where nothing says otherwise. */
export function styleOf(where: Surroundings, choice: ColorChoice, now: number): Style {
  const columns = where.columns ?? Number(where.env["COLUMNS"]);
  return {
    color: choice === "auto" ? wantsColor(where) : choice === "always",
    unicode: isUnicode(where.env),
    width: Number.isInteger(columns) && columns >= 20 ? columns : 80,
    now,
  };
}

/** Colours a text where the style has colours. */
export function paint(style: Style, format: Format, text: string): string {
  return style.color && text !== "" ? styleText(format, text, { validateStream: false }) : text;
}

function wantsColor({ env, isTTY }: Surroundings): boolean {
  const noColor = env["NO_COLOR"];
  return isTTY && (noColor === undefined || noColor === "") && env["TERM"] !== "dumb";
}

function isUnicode(env: Surroundings["env"]): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value);
  return /utf-?8/i.test(locale ?? "");
}
