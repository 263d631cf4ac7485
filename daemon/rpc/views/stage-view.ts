import type { StageEntry } from "../../cookbook/registry.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import { argumentViews } from "./recipe-view.ts";

/** A stage as lists show it. */
export function stageView(
  { name, version, category, help, args, inputs, output }: StageEntry,
  file: string,
): MethodResult<"stage.list">["stages"][number] {
  const kinds = { inputs: { ...inputs }, ...(output !== undefined && { output }) };
  return { name, version, category, help, args: argumentViews(args), ...kinds, file };
}
