import { err, ok } from "../../domain/result.ts";
import { artifactView, storedArtifact } from "../views/artifact-view.ts";
import { define } from "../context.ts";

/** One artifact, what is in it and what it stands in for. */
export const artifactGet = define("artifact.get", async ({ artifact, limit }, context) => {
  const found = storedArtifact(context.store, artifact);
  if (!found.ok) return err(found.error);
  const view = await artifactView(context, found.value, limit);
  return view.ok ? ok(view.value) : view;
});
