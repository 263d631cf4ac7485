/** One program of test/bench/figures: where it runs, and what it tells. */
export interface Program {
  readonly name: string;
  readonly place: "host" | "guest";
  /** Memory of the guest, as the guest's `--mem` reads it. */
  readonly mem?: string;
  /** The guest that has two CPUs. */
  readonly qemu?: true;
  readonly summary: string;
}

/** Every program, in the order in which they run. */
export const programs: readonly Program[] = [
  { name: "ack", place: "host", summary: "acknowledged submits, against a bare SQLite commit" },
  { name: "client-start", place: "host", summary: "blutctl runs --json, against node -e 0" },
  { name: "reads", place: "host", summary: "run.get with a long history" },
  { name: "idle", place: "host", summary: "a daemon with nothing to do" },
  { name: "restart", place: "host", summary: "start to first answer after kill -9" },
  { name: "output", place: "host", summary: "a run that writes 1 GiB, against a plain file" },
  { name: "digest", place: "host", summary: "content of files, against sha256sum and git" },
  { name: "dag", place: "host", summary: "plans of 10,000 steps: all cached, and the way in" },
  { name: "plan", place: "host", summary: "10,000 steps as a chain, and out of a sweep" },
  {
    name: "parallel",
    place: "guest",
    qemu: true,
    summary: "two branches at once, against one by one",
  },
  { name: "sweep", place: "guest", mem: "6G", summary: "200 points of 300 MB on a budget of 4 GB" },
  { name: "start", place: "guest", summary: "submit to first instruction, against systemd-run" },
  { name: "rate", place: "guest", summary: "trivial runs a second, against systemd-run" },
  { name: "adopt", place: "guest", mem: "4G", summary: "200 live scopes after kill -9" },
  { name: "burst", place: "guest", mem: "4G", summary: "300 runs of 200 MiB at once on 4 GiB" },
  { name: "gc", place: "host", summary: "20,000 of 100,000 runs collected, against rm -rf" },
  { name: "events", place: "host", summary: "50 stages that say 1,000 lines a second each" },
  {
    name: "soak",
    place: "host",
    summary: "a month of 200 schedules in an hour, with kills, full disks and power cuts",
  },
  { name: "timers", place: "host", summary: "10,000 schedules: lateness, and none due" },
];
