import { artifactView, storedArtifact } from "../views/artifact-view.ts";
import { define } from "../context.ts";

/** One artifact, what is in it and what it stands in for. */
export const artifactGet = define("artifact.get", ({ artifact, limit }, context) => {
  const found = storedArtifact(context.store, artifact);
  return found.ok ? artifactView(context, found.value, limit) : found;
});
