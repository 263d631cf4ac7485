import type { ArtifactKind } from "./artifact.ts";
import type { Args, ArgValues, None } from "./arg.ts";

/** The kinds that a stage takes, by the name of the input. */
export type Inputs = Readonly<Record<string, ArtifactKind>>;

/** What a body has while it runs, in a process of its own. Paths are absolute. */
export interface StageContext<A extends Args, I extends Inputs> {
  readonly args: ArgValues<A>;
  /** Paths of the inputs' artifacts; they are read-only. */
  readonly inputs: { readonly [K in keyof I]: string };
  /** Directory that becomes the artifact. */
  readonly out: string;
  /** Directory for checkpoints; it outlives the attempt. */
  readonly checkpoints: string;
  /** The checkpoint to go on from, when there is one. */
  readonly resume?: string;
  /** Asks to stop: SIGTERM came. */
  readonly signal: AbortSignal;
  /** Says that it is alive. */
  readonly heartbeat: () => void;
  readonly progress: (done: number, total: number) => void;
  /** A figure of the work; one that is not finite may prune the branch. */
  readonly metric: (name: string, value: number, step?: number) => void;
  /** Names a finished file in `checkpoints` to go on from. */
  readonly checkpoint: (file: string) => void;
}

/** What a command is made of: the paths are put in when it starts. */
export interface CommandContext<A extends Args, I extends Inputs> {
  readonly args: ArgValues<A>;
  readonly inputs: { readonly [K in keyof I]: Placeholder };
  readonly out: Placeholder;
  readonly checkpoints: Placeholder;
}

declare const placeholder: unique symbol;
/** A text that stands for a path; it may be part of a longer one: `${inputs.data}/rows.csv`. */
export type Placeholder = string & { readonly [placeholder]: true };

/** What a stage takes of the box. Sizes as people write them: `512M`, `4G`. */
export interface Resources {
  /** First limit while nothing is learnt. */
  readonly memory?: string;
  readonly cpus?: number;
  readonly gpus?: number;
  /** Of each device; without it devices are taken whole. */
  readonly vram?: string;
  readonly pools?: Readonly<Record<string, number>>;
  readonly locks?: readonly string[];
}

/** How a stage is treated. Lengths as people write them: `90s`, `2h`. */
export interface Treatment {
  readonly timeout?: string;
  readonly softTimeout?: string;
  readonly heartbeat?: string;
  readonly onDiverged?: "ignore" | "prune" | "retry";
  readonly cache?: "use" | "never";
  readonly retry?: Readonly<
    Partial<Record<"outOfMemory" | "failure" | "lost" | "timeout" | "diverged", number>>
  >;
}

/** Everything of a stage but what it does. */
export interface StageFacts<
  Name extends string,
  A extends Args,
  I extends Inputs,
  O extends ArtifactKind | undefined,
> {
  readonly name: Name;
  /** Changes when results made by an older version are not to be used again. */
  readonly version: string;
  readonly category?: string;
  readonly help?: string;
  readonly args?: A;
  readonly inputs?: I;
  readonly output?: O;
  readonly resources?: Resources;
  readonly treatment?: Treatment;
  /** Arguments that decide how much memory it needs. */
  readonly calibrate?: readonly (keyof A & string)[];
}

/** What a stage does: a body in TypeScript, or a command of any language. */
type Deed<A extends Args, I extends Inputs> =
  | {
      readonly run: (context: StageContext<A, I>) => Promise<void> | void;
      readonly command?: never;
    }
  | {
      readonly command: (context: CommandContext<A, I>) => readonly [string, ...string[]];
      readonly run?: never;
    };

/** A typed kind of work. */
export type Stage<
  Name extends string = string,
  A extends Args = Args,
  I extends Inputs = Inputs,
  O extends ArtifactKind | undefined = ArtifactKind | undefined,
> = Required<Pick<StageFacts<Name, A, I, O>, "name" | "version" | "args" | "inputs">> & {
  readonly facts: StageFacts<Name, A, I, O>;
  readonly output: O;
  readonly deed: Deed<A, I>;
};

/** A stage of any shape: what holds for all of them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a body's context is contravariant: no other type takes every stage
export type AnyStage = Stage<string, any, any, ArtifactKind | undefined>;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Declares a stage. Its body, `run`, is executed in a contained process of its own, never in the daemon;
 * `command` names a program instead. Throws when the name is not one that blut takes.
 */
export function stage<
  const Name extends string,
  const A extends Args = None,
  const I extends Inputs = None,
  const O extends ArtifactKind | undefined = undefined,
>(definition: StageFacts<Name, A, I, O> & Deed<A, I>): Stage<Name, A, I, O> {
  const { run, command, ...facts } = definition;
  if (!namePattern.test(facts.name)) {
    throw new Error(`stage: ${facts.name} is no name; letters, digits, dots and dashes are`);
  }
  return {
    name: facts.name,
    version: facts.version,
    args: facts.args ?? ({} as A),
    inputs: facts.inputs ?? ({} as I),
    facts,
    output: facts.output as O,
    deed: run === undefined ? { command } : { run },
  };
}
