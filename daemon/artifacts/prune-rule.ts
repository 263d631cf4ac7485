import type { ArtifactRow } from "../store/artifacts.ts";

/** What pruning is asked for: artifacts not used for so long go, then as many as the size asks for. */
export interface PruneRule {
  /** The disk may hold so much. */
  readonly maxBytes?: number | undefined;
  readonly olderThanMs?: number | undefined;
}

/** An artifact that may go. */
export interface Candidate {
  readonly row: ArtifactRow;
  /** By a run that is live or pinned: it stays. */
  readonly isNeeded: boolean;
  /** What the disk has more when it goes after all before it. */
  readonly frees: number;
}

/** Which of them go. `candidates` are in the order of their last use, `storedBytes` what all take together. */
export function chosen(
  candidates: readonly Candidate[],
  {
    cutoffAt,
    maxBytes = Infinity,
  }: { readonly cutoffAt: number; readonly maxBytes?: number | undefined },
  storedBytes: number,
): { readonly remove: readonly Candidate[]; readonly needed: number } {
  const remove: Candidate[] = [];
  let needed = 0;
  let leftBytes = storedBytes;
  for (const candidate of candidates) {
    if (candidate.row.lastUsedAt >= cutoffAt && leftBytes <= maxBytes) break;
    if (candidate.isNeeded) needed++;
    else {
      remove.push(candidate);
      leftBytes -= candidate.frees;
    }
  }
  return { remove, needed };
}
