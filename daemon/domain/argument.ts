/** What the value of an argument may be. A `path` is a string that is taken from the caller's directory. */
export const argumentTypes = ["string", "int", "float", "bool", "path"] as const;
export type ArgumentType = (typeof argumentTypes)[number];

/** A value of an argument. */
export type ArgumentValue = string | number | boolean;

/** One argument of a recipe or of a stage, as its author declares it. Without a default it must be given. */
export interface ArgumentSpec {
  readonly type: ArgumentType;
  readonly default?: ArgumentValue;
  /** Smallest and largest value of a number, both allowed. */
  readonly range?: readonly [number, number];
  readonly choices?: readonly ArgumentValue[];
  readonly help?: string;
}

/** Arguments by name. */
export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;
