import type { ArgumentSpec, ArgumentValue } from "../domain/argument.ts";

/** A declared argument whose value has the type `Value`; `Given` tells whether a caller must give it. */
export interface Arg<
  Value extends ArgumentValue,
  Given extends "required" | "optional",
> extends ArgumentSpec {
  /** Only for the compiler: what the value is. */
  readonly "~value"?: Value;
  readonly "~given"?: Given;
}

/** No arguments, no inputs, no steps. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- an object in which no key is known is what is meant
export type None = Readonly<Record<never, never>>;

/** Arguments by name, as a stage or a recipe declares them. */
export type Args = Readonly<Record<string, Arg<ArgumentValue, "required" | "optional">>>;

/** The values that a body works with: every argument, defaults filled in. */
export type ArgValues<A extends Args> = {
  readonly [K in keyof A]: A[K] extends Arg<infer Value, "required" | "optional"> ? Value : never;
};

type RequiredNames<A extends Args> = {
  [K in keyof A]: A[K] extends Arg<ArgumentValue, "required"> ? K : never;
}[keyof A];

/** The values that a caller gives: those without a default must be there. */
export type GivenArgs<A extends Args> = { readonly [K in RequiredNames<A>]: ArgValues<A>[K] } & {
  readonly [K in keyof A]?: ArgValues<A>[K];
};

interface NumberOptions {
  readonly range?: readonly [number, number];
  readonly choices?: readonly number[];
  readonly help?: string;
}
interface TextOptions<Value extends string> {
  readonly choices?: readonly Value[];
  readonly help?: string;
}
interface HelpOptions {
  readonly help?: string;
}
interface WithDefault<Value> {
  readonly default: Value;
}

function int(options: NumberOptions & WithDefault<number>): Arg<number, "optional">;
function int(options?: NumberOptions): Arg<number, "required">;
function int(
  options: NumberOptions & Partial<WithDefault<number>> = {},
): Arg<number, "required" | "optional"> {
  return { type: "int", ...options };
}

function float(options: NumberOptions & WithDefault<number>): Arg<number, "optional">;
function float(options?: NumberOptions): Arg<number, "required">;
function float(
  options: NumberOptions & Partial<WithDefault<number>> = {},
): Arg<number, "required" | "optional"> {
  return { type: "float", ...options };
}

function string<const Value extends string = string>(
  options: TextOptions<Value> & WithDefault<NoInfer<Value>>,
): Arg<Value, "optional">;
function string<const Value extends string = string>(
  options?: TextOptions<Value>,
): Arg<Value, "required">;
function string<const Value extends string = string>(
  options: TextOptions<Value> & Partial<WithDefault<Value>> = {},
): Arg<Value, "required" | "optional"> {
  return { type: "string", ...options };
}

function bool(options: HelpOptions & WithDefault<boolean>): Arg<boolean, "optional">;
function bool(options?: HelpOptions): Arg<boolean, "required">;
function bool(
  options: HelpOptions & Partial<WithDefault<boolean>> = {},
): Arg<boolean, "required" | "optional"> {
  return { type: "bool", ...options };
}

function path(options: HelpOptions & WithDefault<string>): Arg<string, "optional">;
function path(options?: HelpOptions): Arg<string, "required">;
function path(
  options: HelpOptions & Partial<WithDefault<string>> = {},
): Arg<string, "required" | "optional"> {
  return { type: "path", ...options };
}

/** Declares arguments: `arg.int({ default: 5, range: [1, 100] })`. Without a default it must be given. */
export const arg = { int, float, string, bool, path } as const;
