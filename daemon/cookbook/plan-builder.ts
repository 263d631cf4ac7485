import type { ArgumentValue } from "../domain/argument.ts";
import type { Args, GivenArgs, None } from "./arg.ts";
import type { ArtifactKind } from "./artifact.ts";
import type { AnyStage, Inputs, Stage } from "./stage.ts";

/** What the steps so far leave: the kind of each, by name; `undefined` leaves nothing. */
type Steps = Readonly<Record<string, string | undefined>>;

/** Names of the steps whose artifact may go where `Kind` is expected. */
type Leaving<S extends Steps, Kind extends string> = {
  [Name in keyof S & string]: Kind extends "any"
    ? undefined extends S[Name]
      ? never
      : Name
    : S[Name] extends Kind
      ? Name
      : never;
}[keyof S & string];

/** For each input of a stage, the name of a step that leaves its kind. */
type Wiring<S extends Steps, I extends Inputs> = {
  readonly [K in keyof I]: Leaving<S, I[K]["kind"]>;
};

/** The kind that a stage leaves. */
type KindOf<O> = O extends ArtifactKind<infer Kind> ? Kind : undefined;

type Added<S extends Steps, Name extends string, O> = S & Readonly<Record<Name, KindOf<O>>>;

/** The kind of a stage's only input; never when it has none or several. */
type OnlyInput<I extends Inputs> = {
  [K in keyof I]: Exclude<keyof I, K> extends never ? I[K]["kind"] : never;
}[keyof I];

/** A name that no step has yet. */
type Fresh<S extends Steps, Name extends string> = Name extends keyof S ? never : Name;

/** Arguments may be left out where every one of them has a default. */
type ArgsParameter<A extends Args> =
  None extends GivenArgs<A> ? [args?: GivenArgs<A>] : [args: GivenArgs<A>];

/** What else may be said of a step in a plan. */
export interface Placement {
  /** Steps that must succeed first, without anything being read of them. */
  readonly after?: readonly string[];
  /** Absolute path, or one from the cookbook's directory, that the output is also put at. */
  readonly publish?: string;
}

/** One step of a draft: a stage with its arguments and the steps its inputs come from. */
export interface StepDraft {
  readonly name: string;
  readonly stage: AnyStage;
  readonly args: Readonly<Record<string, ArgumentValue>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly map?: string;
  /** Its lists are of the artifacts of all points of a sweep. */
  readonly isGathering?: true;
  readonly placement: Placement;
}

/** A finished plan as a recipe hands it over. */
export interface PlanDraft {
  readonly steps: readonly StepDraft[];
}

/**
 * Puts stages together, each wiring checked by the compiler: an input of another kind, an input that is
 * missing, a step that is not there and wrong arguments do not compile. Immutable: every call answers a new one.
 */
export class PlanBuilder<S extends Steps, Last extends string> {
  readonly #steps: readonly StepDraft[];

  constructor(steps: readonly StepDraft[]) {
    this.#steps = steps;
  }

  /** A step that reads nothing; there may be several beginnings. */
  start<Name extends string, A extends Args, O extends ArtifactKind | undefined>(
    name: Fresh<S, Name>,
    stage: Stage<string, A, None, O>,
    ...[args]: ArgsParameter<A>
  ): PlanBuilder<Added<S, Name, O>, Name> {
    return this.#with({ name, stage, args: args ?? {}, inputs: {}, placement: {} });
  }

  /** A step with one input, which is what the step before it leaves. */
  then<Name extends string, A extends Args, I extends Inputs, O extends ArtifactKind | undefined>(
    name: Fresh<S, Name>,
    stage: Last extends Leaving<S, OnlyInput<I>> ? Stage<string, A, I, O> : never,
    ...[args]: ArgsParameter<A>
  ): PlanBuilder<Added<S, Name, O>, Name> {
    const [input = ""] = Object.keys((stage as AnyStage).inputs as Inputs);
    const from = this.#steps.at(-1)?.name ?? "";
    return this.#with({ name, stage, args: args ?? {}, inputs: { [input]: from }, placement: {} });
  }

  /** A step that reads what several others leave: for each of its inputs, the name of a step. */
  join<Name extends string, A extends Args, I extends Inputs, O extends ArtifactKind | undefined>(
    name: Fresh<S, Name>,
    stage: Stage<string, A, I, O>,
    inputs: Wiring<S, NoInfer<I>>,
    ...[args]: ArgsParameter<A>
  ): PlanBuilder<Added<S, Name, O>, Name> {
    return this.#with({ name, stage, args: args ?? {}, inputs, placement: {} });
  }

  /** A step for each entry of a list: `over` is the input that takes one entry at a time. */
  map<
    Name extends string,
    A extends Args,
    I extends Inputs,
    Over extends keyof I & string,
    Kind extends string,
  >(
    name: Fresh<S, Name>,
    stage: Stage<string, A, I, ArtifactKind<Kind>>,
    over: Over,
    inputs: {
      readonly [K in keyof I]: Leaving<S, K extends Over ? `list<${I[K]["kind"]}>` : I[K]["kind"]>;
    },
    ...[args]: ArgsParameter<A>
  ): PlanBuilder<S & Readonly<Record<Name, `list<${Kind}>`>>, Name> {
    return this.#with({ name, stage, args: args ?? {}, inputs, map: over, placement: {} });
  }

  /**
   * A step that there is once for all points of a sweep: each of its inputs is a list, of what the step
   * of that name left in every point.
   */
  gather<Name extends string, A extends Args, I extends Inputs, O extends ArtifactKind | undefined>(
    name: Fresh<S, Name>,
    stage: Stage<string, A, I, O>,
    inputs: {
      readonly [K in keyof NoInfer<I>]: I[K]["kind"] extends `list<${infer Kind}>`
        ? Leaving<S, Kind>
        : never;
    },
    ...[args]: ArgsParameter<A>
  ): PlanBuilder<Added<S, Name, O>, Name> {
    const more = { isGathering: true, placement: {} } as const;
    return this.#with({ name, stage, args: args ?? {}, inputs, ...more });
  }

  /** Says more of the step that was added last. */
  placed(placement: Placement): PlanBuilder<S, Last> {
    const last = this.#steps.at(-1);
    if (last === undefined) return this;
    return new PlanBuilder([...this.#steps.slice(0, -1), { ...last, placement }]);
  }

  finish(): PlanDraft {
    return { steps: this.#steps };
  }

  #with<N extends Steps, L extends string>(step: StepDraft): PlanBuilder<N, L> {
    return new PlanBuilder<N, L>([...this.#steps, step]);
  }
}

/** Begins a plan. */
export function plan(): PlanBuilder<None, never> {
  return new PlanBuilder([]);
}
