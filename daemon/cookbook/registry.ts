import type { ArgumentSpecs } from "../domain/argument.ts";
import type { Cookbook } from "./cookbook.ts";
import type { Inputs } from "./stage.ts";

/** A stage as data: what it takes and what it leaves. */
export interface StageEntry {
  readonly name: string;
  readonly version: string;
  readonly category: string;
  readonly help: string;
  readonly args: ArgumentSpecs;
  /** Kinds by the name of the input. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Absent for a stage that leaves nothing. */
  readonly output?: string;
}

/** A recipe as data. */
export interface RecipeEntry {
  readonly name: string;
  readonly help: string;
  readonly args: ArgumentSpecs;
}

/** What a cookbook's file offers, as data. */
export interface Registry {
  readonly stages: readonly StageEntry[];
  readonly recipes: readonly RecipeEntry[];
  /** Absolute paths of every file of the person's own that was loaded. */
  readonly sources: readonly string[];
}

/** Describes a loaded cookbook. */
export function registryOf({ stages, recipes }: Cookbook, sources: readonly string[]): Registry {
  return {
    stages: stages.map(({ name, version, facts, args, inputs, output }) => ({
      name,
      version,
      category: facts.category ?? "other",
      help: facts.help ?? "",
      args: args as ArgumentSpecs,
      inputs: kindsOf(inputs as Inputs),
      ...(output !== undefined && { output: output.kind }),
    })),
    recipes: recipes.map(({ name, help = "", args }) => ({
      name,
      help,
      args: args as ArgumentSpecs,
    })),
    sources,
  };
}

/** A place in a plan: who stands there, what it takes and what it leaves. */
export type Slot = Pick<StageEntry, "name" | "inputs" | "output">;

/**
 * Stages that may stand where `slot` stands: each of their inputs is fed by one of the slot's kinds, none of
 * those is left over, and they leave the same kind. `slot` itself is not among them.
 */
export function swapCandidates(slot: Slot, stages: readonly StageEntry[]): StageEntry[] {
  const kinds = (entry: Slot): string => Object.values(entry.inputs).sort().join(" ");
  return stages.filter(
    (entry) =>
      entry.name !== slot.name && entry.output === slot.output && kinds(entry) === kinds(slot),
  );
}

function kindsOf(inputs: Inputs): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { kind }]) => [name, kind]));
}
