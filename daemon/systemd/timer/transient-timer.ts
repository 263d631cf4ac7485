import type { TransientUnit } from "../transient-unit.ts";

/** What a timer and the service that it starts are made from; ms. */
export interface TimerUnits {
  /** Of both units, without what comes after the dot: systemd lets a timer start no other. */
  readonly stem: string;
  readonly description: string;
  /** Calendar events; one of them is enough. */
  readonly calendar: readonly string[];
  readonly jitterMs: number;
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
}

/** How long systemd may put an elapse off to save a wake-up. */
const accuracyUs = 100_000n;

/** A transient timer with its service, as one call makes them. */
export function transientTimer(units: TimerUnits): TransientUnit {
  const { stem, description, calendar, jitterMs, argv, env, startTimeoutMs } = units;
  const [program] = argv;
  // systemd puts variables into arguments, from wherever the unit came.
  const words = argv.map((word) => word.replaceAll("$", "$$$$"));
  return {
    name: `${stem}.timer`,
    properties: [
      ["Description", "s", description],
      ["TimersCalendar", "a(ss)", calendar.map((each) => ["OnCalendar", each] as const)],
      ["AccuracyUSec", "t", accuracyUs],
      ["RandomizedDelayUSec", "t", BigInt(jitterMs) * 1000n],
      ["FixedRandomDelay", "b", true],
    ],
    auxiliary: [
      {
        name: `${stem}.service`,
        properties: [
          ["Description", "s", description],
          ["Type", "s", "oneshot"],
          ["ExecStart", "a(sasb)", [[program, words, false]]],
          ["Environment", "as", Object.entries(env).map(([key, value]) => `${key}=${value}`)],
          ["TimeoutStartUSec", "t", BigInt(startTimeoutMs) * 1000n],
        ],
      },
    ],
  };
}
