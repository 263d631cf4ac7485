/** A kind of artifact, as a type: what one stage leaves and another takes. */
export interface ArtifactKind<Kind extends string = string> {
  readonly kind: Kind;
  /** Paths inside the output directory that must be there. */
  readonly files: readonly string[];
}

const kindPattern = /^[a-z][a-z0-9-]*$/;

/**
 * Declares a kind of artifact. `files` are paths that every artifact of this kind has; a stage that did not
 * write one of them fails with `bad-output`. Throws when the name is not lower case letters, digits and dashes.
 */
export function artifact<const Kind extends string>(
  kind: Kind,
  files: readonly string[] = [],
): ArtifactKind<Kind> {
  if (!kindPattern.test(kind)) {
    throw new Error(`artifact: ${kind} is no kind; expected lower case letters, digits and dashes`);
  }
  return { kind, files };
}

/** Declares a list of artifacts of one kind: a directory with one entry for each. */
export function list<const Kind extends string>(
  of: ArtifactKind<Kind>,
): ArtifactKind<`list<${Kind}>`> {
  return { kind: `list<${of.kind}>`, files: [] };
}
