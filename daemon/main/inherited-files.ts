import { closeSync, readdirSync, readFileSync } from "node:fs";

const closeOnExec = 0o2000000;

/**
 * Closes what whoever started the daemon left open in it: work would inherit it too, and a shell that
 * starts work cannot close numbers above 9. Node's own files all close themselves on exec; call it first.
 * Those in `wanted` were meant for us and stay.
 */
export function closeInheritedFiles(wanted: readonly number[]): void {
  for (const name of readdirSync("/proc/self/fd")) {
    const fd = Number(name);
    if (fd > 2 && !wanted.includes(fd) && isInherited(fd)) closeSync(fd);
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"));
    return flags?.[1] !== undefined && (Number.parseInt(flags[1], 8) & closeOnExec) === 0;
  } catch {
    // The folder's own descriptor, gone by now.
    return false;
  }
}
