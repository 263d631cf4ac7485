/**
 * SQLite 3.7.0 to 3.51.2 can lose committed rows when a checkpoint and a write race over two connections
 * (the WAL-reset bug); the fix went into 3.51.3 and back into the 3.50 and 3.44 branches. Anything older
 * has no WAL to speak of. True for a version that is safe to keep acknowledged rows in.
 */
export function isSafeSqlite(version: string): boolean {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [major = 0, minor = 0, patch = 0] = match.slice(1).map(Number);
  if (major !== 3) return major > 3;
  if (minor === 44) return patch >= 6;
  if (minor === 50) return patch >= 7;
  return minor > 51 || (minor === 51 && patch >= 3);
}
