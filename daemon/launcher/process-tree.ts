import { isAlive, isSame, type ProcessEntry, type ProcessIdentity } from "./process-table.ts";

/**
 * Which processes belong to an attempt where no cgroup says so: the session that its shim leads, the
 * descendants of every member, and whoever was a member once, wherever it went since.
 *
 * What can escape: a process that leaves the session and loses its parent between two looks (a double
 * fork with setsid within some 100 ms), and what others start for it (a container daemon, cron).
 */
export class ProcessTree {
  readonly #shim: ProcessIdentity;
  #members = new Map<number, ProcessIdentity>();

  constructor(shim: ProcessIdentity) {
    this.#shim = shim;
    this.#members.set(shim.pid, shim);
  }

  /** Members alive now; the shim is one while it lives. */
  look(table: readonly ProcessEntry[]): readonly ProcessEntry[] {
    const isMember = this.#membership(new Map(table.map((entry) => [entry.pid, entry])));
    const members = table.filter(isMember);
    this.#members = new Map(members.map((entry) => [entry.pid, entry]));
    return members.filter(isAlive);
  }

  #membership(byPid: ReadonlyMap<number, ProcessEntry>): (entry: ProcessEntry) => boolean {
    const leader = byPid.get(this.#shim.pid);
    // The kernel gives a session's number to nobody while the session has a process left.
    const isOurSession = leader === undefined || isSame(leader, this.#shim);
    const answers = new Map<number, boolean>();
    const judge = (entry: ProcessEntry): boolean => {
      const remembered = this.#members.get(entry.pid);
      if (remembered !== undefined && isSame(entry, remembered)) return true;
      if (entry.startTicks < this.#shim.startTicks) return false;
      if (isOurSession && entry.session === this.#shim.pid) return true;
      const parent = byPid.get(entry.parentPid);
      return parent !== undefined && isMember(parent);
    };
    const isMember = (entry: ProcessEntry): boolean => {
      const answer = answers.get(entry.pid);
      if (answer !== undefined) return answer;
      // Ends the walk where a table that was read in parts shows a circle.
      answers.set(entry.pid, false);
      const found = judge(entry);
      answers.set(entry.pid, found);
      return found;
    };
    return isMember;
  }
}
