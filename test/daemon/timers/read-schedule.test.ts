import { expect, test } from "vitest";
import { readSchedule } from "../../../daemon/timers/read-schedule.ts";

const file = "/etc/blut/schedules/nightly.toml";

function problemsOf(text: string, name = file): string[] {
  const read = readSchedule(text, name);
  return read.ok
    ? []
    : read.error.map(({ field, message, line = 0 }) => `${line} ${field}: ${message}`);
}

test("a schedule with everything is read, its paths taken from where its file is", () => {
  const read = readSchedule(
    `help = "nightly"
cron = "30 2 * * mon-fri"
zone = "Europe/Berlin"
jitter = "5m"
overlap = "queue"
catch-up = { take = "all", window = "2d", count = 3 }
start-within = "1h"
on-failure = { retry-after = "10m", retries = 2, pause-after = 5 }
recipe = "./digits.toml"
args = ["epochs=5"]
run = { cwd = "work", priority = 3, fail-fast = true }
`,
    file,
  );
  expect(read).toMatchObject({
    ok: true,
    value: {
      name: "nightly",
      cwd: "/etc/blut/schedules/work",
      work: { kind: "recipe", recipe: "/etc/blut/schedules/digits.toml", args: ["epochs=5"] },
      timing: {
        zone: "Europe/Berlin",
        jitterMs: 300_000,
        overlap: "queue",
        catchUp: { take: "all", windowMs: 172_800_000, count: 3 },
        startWithinMs: 3_600_000,
        onFailure: { retryAfterMs: 600_000, retries: 2, pauseAfter: 5 },
        trigger: { fields: { daysOfWeek: [1, 2, 3, 4, 5], minutes: [30], hours: [2] } },
      },
    },
  });
});

test("everything that is wrong is said at once, with its place", () => {
  expect(
    problemsOf('cron = "* * 31 2 *"\nzone = "Mars/X"\nargs = ["a=1"]\ncommand = ["x"]\n'),
  ).toEqual([
    "1 cron: it can never fire: no such day is in the calendar",
    "2 zone: no such time zone is known",
    "3 args: only a recipe takes arguments by name",
  ]);
  expect(
    problemsOf('every = "0s"\ncrom = 3\ncommand = []\n').map((each) => each.slice(0, 9)),
  ).toEqual(["1 every: ", "2 crom: u", "3 command"]);
});

test.each([
  ['command = ["x"]', "expected either cron or every"],
  ['cron = "@daily"\nevery = "1h"\ncommand = ["x"]', "expected either cron or every"],
  ['cron = "@daily"', "expected one of command, recipe and plan"],
  ['cron = "@daily"\nplan = "p.json"\n[run]\nmemory = "1G"', "only of a command"],
  ['every = "1h"\ncommand = "x"', "command: expected a list"],
  ['every = "1h"\ncommand = ["x"]\nrun = "x"', "run: expected a table"],
  [
    'every = "1h"\ncommand = ["x"]\nrun = { memory = "2G", memory-max = "1G" }',
    "3 run.memory: is above run.memory-max",
  ],
  ['every = "100ms"\ncommand = ["x"]', "expected whole seconds"],
  ["not toml", ""],
])("%j is refused: %s", (text, why) => {
  expect(problemsOf(text).join()).toContain(why);
  expect(readSchedule(text, file).ok).toBe(false);
});

test("a file whose name cannot be a name is refused", () => {
  expect(problemsOf('every = "1h"\ncommand = ["x"]', "/s/last.toml")).toHaveLength(1);
  expect(problemsOf('every = "1h"\ncommand = ["x"]', "/s/a b.toml")).toHaveLength(1);
});

test("what is wrong with the clock is told together with keys that nobody knows", () => {
  expect(problemsOf('cron = "61 * * * *"\nzone = "Mars/Base"\ncomand = ["true"]\n')).toEqual([
    expect.stringMatching(/^1 cron: /),
    "2 zone: no such time zone is known",
    "3 comand: unknown key; did you mean `command`?",
  ]);
});
