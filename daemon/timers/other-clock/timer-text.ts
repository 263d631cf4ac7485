import { formatDuration } from "../../domain/quantity.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Schedule } from "../read-schedule.ts";
import { onCalendar } from "./on-calendar.ts";

/** A schedule as systemd can hold it. */
export interface TimerSpec {
  readonly name: string;
  /** Calendar events, as systemd.time(7) has them. */
  readonly calendar: readonly string[];
  readonly jitterMs: number;
}

/** A file of a unit. */
export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** Name of the units of a schedule, without what comes after the dot. */
export function timerStem(name: string): string {
  return `blut-schedule-${name}`;
}

/** What systemd has to be told; the error says what its calendar has no word for. */
export function timerSpec({ name, timing }: Schedule): Result<TimerSpec, string> {
  const calendar = onCalendar(timing);
  if (!calendar.ok) return err(calendar.error);
  return ok({ name, calendar: calendar.value, jitterMs: timing.jitterMs });
}

/** The pair of unit files that a person can install; `client` is what starts blutctl. */
export function timerFiles(
  schedule: Schedule,
  client: readonly string[],
  env: Readonly<Record<string, string>>,
): Result<readonly [UnitFile, UnitFile], string> {
  const spec = timerSpec(schedule);
  if (!spec.ok) return spec;
  const { name, timing, file } = schedule;
  const stem = timerStem(name);
  const isPersistent = timing.catchUp.take !== "none";
  const note = `# Made of ${oneLine(file)} by: blutctl schedule export-timer ${name}`;
  const timer = [
    note,
    "[Unit]",
    `Description=Timer of blut's schedule ${name}`,
    "",
    "[Timer]",
    ...spec.value.calendar.map((each) => `OnCalendar=${each}`),
    "AccuracySec=100ms",
    ...(timing.jitterMs === 0
      ? []
      : [`RandomizedDelaySec=${secondsText(timing.jitterMs)}`, "FixedRandomDelay=yes"]),
    ...(isPersistent ? ["Persistent=yes"] : []),
    "",
    "[Install]",
    "WantedBy=timers.target",
  ];
  const words = [...client, "schedule", "fire", "--due", name].map(execWord);
  const service = [
    note,
    "[Unit]",
    `Description=Fires what is due of blut's schedule ${name}`,
    "",
    "[Service]",
    "Type=oneshot",
    ...Object.entries(env).map(([key, value]) => `Environment=${execWord(`${key}=${value}`)}`),
    `ExecStart=${words.join(" ")}`,
    `TimeoutStartSec=${formatDuration(startTimeoutMs)}`,
  ];
  return ok([
    { name: `${stem}.timer`, text: `${timer.join("\n")}\n` },
    { name: `${stem}.service`, text: `${service.join("\n")}\n` },
  ]);
}

/** A daemon that takes over much may need a while before it answers. */
export const startTimeoutMs = 300_000;

/** A word of a command line as a unit file has it: no specifier, no variable, no end of the word. */
function execWord(word: string): string {
  const plain = word.replace(/\\/g, "\\\\").replace(/%/g, "%%").replace(/\$/g, "$$$$");
  return /^[\w@%+=:,./-]+$/.test(plain) ? plain : `"${plain.replace(/"/g, '\\"')}"`;
}

function secondsText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function oneLine(text: string): string {
  return text.replace(/\p{C}+/gu, " ");
}
