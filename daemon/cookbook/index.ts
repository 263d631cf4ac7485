export { arg, type Arg, type Args, type ArgValues, type GivenArgs } from "./arg.ts";
export { artifact, list, type ArtifactKind } from "./artifact.ts";
export { cookbook, recipe, type Cookbook, type Recipe } from "./cookbook.ts";
export { plan, PlanBuilder, type Placement, type PlanDraft } from "./plan-builder.ts";
export {
  stage,
  type CommandContext,
  type Placeholder,
  type Resources,
  type Stage,
  type StageContext,
  type Treatment,
} from "./stage.ts";
