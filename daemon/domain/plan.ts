import type { JsonValue } from "./event.ts";
import type { MemoryAsk } from "./footprint.ts";

/** What a step claims besides memory. Counts are whole; pools and locks are named in the configuration or by use. */
export interface Claims {
  readonly cpus: number;
  /** GPU devices. */
  readonly gpus: number;
  /** Memory taken of each of those devices, in bytes; 0 takes a device whole. */
  readonly vramBytes: number;
  readonly pools: Readonly<Record<string, number>>;
  readonly locks: readonly string[];
}

/** How often a step may be tried again, by cause: each cause spends its own budget. */
export interface RetryBudget {
  readonly outOfMemory: number;
  readonly failure: number;
  readonly lost: number;
  /** After a hard timeout or a stall. */
  readonly timeout: number;
  /** After a NaN, where {@link Step.onDiverged} is `retry`. */
  readonly diverged: number;
}

/**
 * Lengths in ms. `softMs` warns by SIGTERM; `hardMs` stops: SIGTERM, `graceMs`, then SIGKILL. A stage that
 * says nothing for `heartbeatMs` is stalled and stopped the same way.
 */
export interface Timeouts {
  readonly softMs?: number;
  readonly hardMs?: number;
  readonly heartbeatMs?: number;
  readonly graceMs: number;
}

/**
 * What only the box that runs an attempt can name: directories and a file of its own, the Node that blutd
 * runs on, and the program that runs a body of a cookbook. A plan that named their paths would not outlive an
 * upgrade, and its results would not be found again after one.
 */
export const ownPaths = ["out", "checkpoints", "context", "node", "body"] as const;
export type OwnPath = (typeof ownPaths)[number];

/** A piece of a word: text, the path of an input's artifact, or one that blut has itself. */
export type WordPart = string | { readonly input: string } | { readonly own: OwnPath };

/** One argument: text as it is, or pieces that are put together when the attempt starts. */
export type Word = string | readonly WordPart[];

/**
 * Where an input comes from. `step`: the artifact of that step (of a mapped one, the list of all its
 * elements' artifacts). `steps`: the artifacts of several as one list, named by step. `path`: a file or
 * directory outside, by its content. `artifact`: one that is stored, by digest. An `optional` source that
 * failed or was pruned is left out; without it the step is skipped with it.
 */
export type InputSource =
  | { readonly step: string; readonly optional?: boolean }
  | { readonly steps: readonly string[]; readonly optional?: boolean }
  | { readonly path: string }
  | { readonly artifact: string };

/** Something a step reads: an artifact of this kind, from there. */
export interface Input {
  readonly kind: string;
  readonly from: InputSource;
}

/** What a step leaves in its output directory. */
export interface Output {
  readonly kind: string;
  /** Paths inside the output directory that must be there; with none of them, anything at all must be. */
  readonly files: readonly string[];
  /** Absolute path outside that the finished output is also put at. */
  readonly publish?: string;
}

/** What kind of work a step is: the part of its identity that does not depend on this plan. */
export interface StageIdentity {
  readonly name: string;
  readonly version: string;
}

/** What happens when a stage reports a metric that is not finite. */
export const divergedPolicies = ["ignore", "prune", "retry"] as const;
export type DivergedPolicy = (typeof divergedPolicies)[number];

/** Whether a result that is already there stands in for doing the work. */
export const cachePolicies = ["use", "never"] as const;
export type CachePolicy = (typeof cachePolicies)[number];

/** A stage bound in a plan: one command, what it needs and how it is treated. */
export interface Step {
  readonly name: string;
  readonly stage: StageIdentity;
  readonly argv: readonly [Word, ...Word[]];
  readonly cwd: string;
  /** Added to the submitter's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the steps that must succeed first; those that inputs come from are among them. */
  readonly needs: readonly string[];
  readonly inputs: Readonly<Record<string, Input>>;
  /** Absent: nothing is kept of its output directory. */
  readonly output?: Output;
  /** The resolved arguments that this step uses, as `context.json` shows them. */
  readonly args: Readonly<Record<string, JsonValue>>;
  /** Absolute paths of files and directories whose content is what the stage does. */
  readonly code: readonly string[];
  readonly cache: CachePolicy;
  /** The input whose list is fanned out: one element of the step for each entry. */
  readonly map?: string;
  readonly onDiverged: DivergedPolicy;
  readonly memory: MemoryAsk;
  readonly claims: Claims;
  readonly retry: RetryBudget;
  readonly timeouts: Timeouts;
  /** The calibration key: the same text at footprint time and when the peak is recorded. */
  readonly calibrationKey: string;
}

/** The resolved, immutable DAG. An ad-hoc command is a plan of one step. */
export interface Plan {
  readonly version: 1;
  readonly steps: readonly [Step, ...Step[]];
  /** What it was compiled from; absent for an ad-hoc command and for a plan that somebody wrote. */
  readonly recipe?: RecipeOrigin;
}

/** The recipe behind a plan, for people and for lineage; nothing is executed from it. */
export interface RecipeOrigin {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** The arguments of each point, by its name; a plan without a sweep has the one point `""`. */
  readonly points: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;
  /** Digest of everything configured: equal exactly when the configurations are. */
  readonly fingerprint: string;
}

/** The steps that an input comes from; none for what comes from outside. */
export function stepsOf(source: InputSource): readonly string[] {
  if ("step" in source) return [source.step];
  return "steps" in source ? source.steps : [];
}

/** Whether a run of this plan has more than one step: several, or the elements of one. */
export function isOfMany(plan: Plan | undefined): boolean {
  return plan !== undefined && (plan.steps.length > 1 || plan.steps[0].map !== undefined);
}

/** The kind of a list of artifacts of one kind. */
export function listOf(kind: string): string {
  return `list<${kind}>`;
}

/** The kind of a list's elements; undefined when the kind is no list. */
export function elementKind(kind: string): string | undefined {
  return /^list<(.+)>$/.exec(kind)?.[1];
}

/** Tells whether an artifact of the kind `given` may go where `wanted` is expected; `any` takes everything. */
export function kindFits(given: string, wanted: string): boolean {
  if (wanted === "any" || given === wanted) return true;
  const [inner, innerWanted] = [elementKind(given), elementKind(wanted)];
  return inner !== undefined && innerWanted !== undefined && kindFits(inner, innerWanted);
}

/** One element of a mapped step: the entry of the list that it works on. */
export interface Element {
  /** Position in the list, from 0, in the order of the entries' names. */
  readonly index: number;
  /** Name of the entry in the list. */
  readonly key: string;
  /** Digest of the entry. */
  readonly artifact: string;
}

/** The step that one element of a mapped step is. */
export function elementStep(step: Step, element: Element): Step {
  const { map, ...rest } = step;
  const over = map === undefined ? undefined : step.inputs[map];
  if (map === undefined || over === undefined) return step;
  const input: Input = {
    kind: elementKind(over.kind) ?? over.kind,
    from: { artifact: element.artifact },
  };
  return {
    ...rest,
    name: elementName(step.name, element.index),
    inputs: { ...step.inputs, [map]: input },
  };
}

/** Name of an element's step; a plan has no step of its own of such a name. */
export function elementName(step: string, index: number): string {
  return `${step}.${index}`;
}
