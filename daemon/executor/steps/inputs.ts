import type { ArtifactStore } from "../../artifacts/artifact-store.ts";
import type { Step } from "../../domain/plan.ts";
import type { AttemptRow } from "../../store/attempts.ts";
import type { Store } from "../../store/store.ts";
import type { ResolvedInput } from "../attempt-directory.ts";

/** What an attempt reads, by the input's name: what its step was resolved to, and where that lies. */
export function resolvedInputs(
  { store, artifacts }: { readonly store: Store; readonly artifacts: ArtifactStore },
  { runId }: Pick<AttemptRow, "runId">,
  step: Step,
): Record<string, ResolvedInput> {
  const uses = store.steps.keyParts(runId, step.name)?.inputs ?? {};
  return Object.fromEntries(
    Object.entries(uses).map(([name, use]) => {
      const from = step.inputs[name]?.from;
      const path = from !== undefined && "path" in from ? from.path : artifacts.pathOf(use.digest);
      return [name, { ...use, path }];
    }),
  );
}
