/** What a program was made from. */
export interface VersionStamp {
  readonly version: string;
  /** Absent where nobody knows: no build, no repository. */
  readonly commit?: string | undefined;
  /** Whether its files differ from that commit; absent where nobody looked. */
  readonly dirty?: boolean | undefined;
}

const shownDigits = 12;

/** For people: `0.2.0 (3f2a9c1d0b7e, dirty)`. */
export function stampText({ version, commit, dirty }: VersionStamp): string {
  const origin = commit === undefined ? "commit unknown" : commit.slice(0, shownDigits);
  return `${version} (${origin}${dirty === true ? ", dirty" : ""})`;
}

/** Whether two programs are of one build, as far as both know where they come from. */
export function isSameBuild(one: VersionStamp, other: VersionStamp): boolean {
  if (one.version !== other.version) return false;
  return one.commit === undefined || other.commit === undefined || one.commit === other.commit;
}
