import { quoted } from "../../base/quoted.ts";
import { err, ok, type Result } from "../../domain/result.ts";

/** One value as it was typed. A quoted one is a text whatever it looks like. */
export interface Typed {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** What stands for values: one, or a function that gives several. */
export type Term =
  | { readonly kind: "value"; readonly value: Typed }
  | { readonly kind: "range" | "glob"; readonly of: readonly Typed[] };

/** One `key=value`, `+key=value` or `~key` of a command line. More than one value is a sweep. */
export type Override =
  | {
      readonly kind: "set";
      readonly key: string;
      /** The recipe need not declare it. */
      readonly isNew: boolean;
      readonly terms: readonly Term[];
    }
  | { readonly kind: "remove"; readonly key: string };

/** Arguments have names that a shell, a TOML file and a variable can carry. */
export const argumentName = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** Reads one override; the error is a sentence. */
export function parseOverride(text: string): Result<Override, string> {
  const [, sign = "", key = "", given] = /^([+~]?)([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (!argumentName.test(key)) {
    return err(`expected KEY=VALUE, +KEY=VALUE or ~KEY, got ${quoted(text)}`);
  }
  if (sign === "~") {
    return given === undefined
      ? ok({ kind: "remove", key })
      : err(`~${key} takes a value away, and has none itself`);
  }
  if (given === undefined) return err(`${key} has no value: write ${key}=VALUE, or ~${key}`);
  const terms = new Reader(given).terms();
  return terms.ok ? ok({ kind: "set", key, isNew: sign === "+", terms: terms.value }) : terms;
}

/** Walks one value from left to right: words, quoted words and functions, with commas between them. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  terms(): Result<Term[], string> {
    const terms: Term[] = [];
    do {
      const term = this.#term();
      if (!term.ok) return term;
      terms.push(...term.value);
    } while (this.#take(","));
    return this.#at < this.#text.length ? this.#stray() : ok(terms);
  }

  /** `choice(a,b)` is `a,b`. */
  #term(): Result<Term[], string> {
    const [call, name] = /^(range|choice|glob)\(/.exec(this.#text.slice(this.#at)) ?? [];
    if (call === undefined) {
      const value = this.#value(",");
      return value.ok ? ok([{ kind: "value", value: value.value }]) : value;
    }
    this.#at += call.length;
    const values: Typed[] = [];
    do {
      const value = this.#value(",)");
      if (!value.ok) return value;
      values.push(value.value);
    } while (this.#take(","));
    if (!this.#take(")")) return err(`${String(name)}( has no closing bracket`);
    if (name === "choice") return ok(values.map((value) => ({ kind: "value", value })));
    return ok([{ kind: name === "range" ? "range" : "glob", of: values }]);
  }

  #value(ends: string): Result<Typed, string> {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return ok({ text: this.#word(ends), isQuoted: false });
    this.#at += 1;
    const text = this.#word(quote);
    if (!this.#take(quote)) return err(`a ${quote} has no second one`);
    const next = this.#text[this.#at];
    return next === undefined || ends.includes(next) ? ok({ text, isQuoted: true }) : this.#stray();
  }

  /** Up to one of `ends`; a backslash takes the meaning from one of them, from a quote or from itself. */
  #word(ends: string): string {
    let word = "";
    for (; this.#at < this.#text.length; this.#at++) {
      const letter = this.#text[this.#at] ?? "";
      const next = this.#text[this.#at + 1] ?? "";
      if (letter === "\\" && next !== "" && `\\,()'"`.includes(next)) {
        word += next;
        this.#at += 1;
      } else if (ends.includes(letter)) break;
      else word += letter;
    }
    return word;
  }

  #take(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }

  #stray(): Result<never, string> {
    return err(`${quoted(this.#text.slice(this.#at))} follows where a comma was expected`);
  }
}
