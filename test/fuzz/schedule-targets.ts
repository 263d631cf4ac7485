import { deepStrictEqual, ok as holds } from "node:assert/strict";
import { parseCron } from "../../daemon/timers/cron.ts";
import { countInstants, nextInstant } from "../../daemon/timers/next-instant.ts";
import { timerSpec } from "../../daemon/timers/other-clock/timer-text.ts";
import { readSchedule } from "../../daemon/timers/read-schedule.ts";
import { Zone } from "../../daemon/timers/zone.ts";
import type { FuzzTarget } from "./targets.ts";

const expressions = [
  "*/5 * * * *",
  "0 30 2 * * *",
  "H H(0-7) * * mon-fri",
  "0 0 L * *",
  "0 0 13 * 5",
  "15 3 1,15 jan-jun 5L",
  "0 12 * * fri#2",
  "@daily",
];

const files = [
  ...expressions.map((each) => `cron = "${each}"\ncommand = ["true"]\n`),
  'every = "6h"\nrecipe = "digits"\nargs = ["epochs=5"]\noverlap = "queue"\ncatch-up = "all"\n',
  'every = "90s"\nplan = "p.json"\njitter = "5m"\nvia = "systemd"\nnotify = ["failure"]\n',
  'cron = "@hourly"\nzone = "Asia/Kolkata"\ncommand = ["a"]\non-failure = { retries = 2 }\n',
];

const zone = Zone.named("Europe/Berlin");
/** A little before a change of that zone's clocks. */
const from = Date.UTC(2026, 2, 28, 12);

/** Cron expressions and schedule files, as anybody may write them. */
export const scheduleTargets: readonly FuzzTarget[] = [
  {
    name: "cron",
    seeds: expressions.map((text) => Buffer.from(text)),
    tokens: ["*", "/", "-", ",", "?", "H", "L", "#", "mon", "feb", "@", "60", "31", "0", " ", "("],
    check: checkCron,
  },
  {
    name: "schedule file",
    seeds: files.map((text) => Buffer.from(text)),
    tokens: ["\n", '"', "=", "[", "]", "{", "}", "cron", "every", "0", "1e9", "zone", "#", "\\u"],
    check: checkFile,
  },
];

/** What is read has a next instant after every one, and the count of them agrees. */
function checkCron(input: Uint8Array): void {
  const text = Buffer.from(input).toString("utf8");
  const fields = parseCron(text, "fuzz");
  if (!fields.ok) {
    holds(fields.error !== "", "a refusal without a reason");
    return;
  }
  deepStrictEqual(parseCron(text, "fuzz"), fields);
  const trigger = { kind: "cron", expression: text, fields: fields.value } as const;
  if (zone === undefined) throw new Error("no zone");
  let at = from;
  for (let i = 0; i < 5; i++) {
    const next = nextInstant(trigger, zone, at);
    if (next === undefined) throw new Error("it was accepted and never fires");
    holds(next > at && next % 1000 === 0, "an instant that is no second to come");
    deepStrictEqual(countInstants(trigger, zone, at, next), 1);
    at = next;
  }
}

/** A file is a schedule that systemd's calendar can say or not, or has problems, each a short sentence. */
function checkFile(input: Uint8Array): void {
  const text = Buffer.from(input).toString("utf8");
  const read = readSchedule(text, "/etc/blut/schedules/fuzz.toml");
  if (!read.ok) {
    holds(read.error.length > 0, "refused without a problem");
    for (const { message } of read.error) holds(message !== "" && message.length < 2000, message);
    return;
  }
  const { timing } = read.value;
  holds(nextInstant(timing.trigger, read.value.zone, from) !== undefined, "it never fires");
  const spec = timerSpec(read.value);
  if (!spec.ok) return;
  holds(spec.value.calendar.length > 0, "a timer without an instant");
  for (const line of spec.value.calendar) holds(/^[\w*~.,:/+ -]+$/.test(line), line);
}
