/*
 * A month of schedules in one go: 200 of them, about 21,000 instants, the guest's clock stepped from one to the next,
 * while the daemon is killed, its bus restarted, the disk filled, the clock set back, the box away for days and its
 * power cut. Every instant has to be accounted for at the end. BLUT_SOAK_DAYS=3 is a shorter month.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { History, Sample } from "../soak/history.ts";
import type { Ledger } from "../soak/ledger.ts";
import { report, say, type Figure } from "../support/figure.ts";
import { median } from "../support/samples.ts";

const here = import.meta.dirname;
const powerCut = 75;
const mib = 1024 ** 2;
const disk = mkdtempSync(join(tmpdir(), "blut-soak-"));
process.on("exit", () => {
  rmSync(disk, { recursive: true, force: true });
});

interface Told {
  readonly history: History;
  readonly ledger: Ledger;
}

/** Boots the guest on the disk of the last boot; answers what it told when the month was over. */
async function boot(): Promise<Told | undefined> {
  const days = process.env["BLUT_SOAK_DAYS"] ?? "30";
  const guest = [join(here, "../../guest/guest.ts"), "--disk", disk, "--timeout", "7200"];
  const command = ["env", `BLUT_SOAK_DAYS=${days}`, "node", "test/bench/soak/boot.ts"];
  const child = spawn(process.execPath, [...guest, ...command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  const [code] = (await once(child, "close")) as [number | null];
  if (code === powerCut) return undefined;
  if (code !== 0) throw new Error(`the guest ended with ${String(code)}`);
  return JSON.parse(text) as Told;
}

let told: Told | undefined;
while (told === undefined) told = await boot();
const { history, ledger } = told;
const { done, samples } = history;
const third = Math.ceil(samples.length / 3);

/** What a daemon of the first third held, and how much more one of the last, each at the same age. */
const [first, last] = [samples.slice(0, third), samples.slice(-third)];
const held = (by: readonly Sample[], what: keyof Sample): number =>
  median(by.map((sample) => sample[what]));
const growth = (of: keyof Sample): number => (held(last, of) / held(first, of) - 1) * 100;

const none = (what: string, value: number): Figure => ({
  ...{ what, unit: "", value },
  target: { of: "value", is: "at most", bound: 0 },
});
const atMost = (what: string, unit: string, value: number, bound: number): Figure => ({
  ...{ what, unit, value },
  target: { of: "value", is: "at most", bound },
});

say(JSON.stringify({ ...ledger, ...done, minutes: Math.round(history.realMs / 60_000) }));
report(
  { what: "instants of the month", unit: "", value: ledger.instants },
  ...Object.entries(ledger.byState).map(([state, value]) => ({
    what: `  of which ${state}`,
    unit: "",
    value,
  })),
  { what: "  of which left out by a pause", unit: "", value: ledger.paused },
  { what: "retries of failures beside them", unit: "", value: ledger.retries },
  none("instants that are not accounted for", ledger.unaccounted.length),
  none("rows of instants that never were", ledger.invented.length),
  none("runs without an instant of their own", ledger.strayRuns),
  none("runs that have not ended", ledger.openRuns),
  none("complaints of SQLite's integrity check", ledger.integrity === "ok" ? 0 : 1),
  { what: "resident memory at first", unit: "MiB", value: held(first, "residentBytes") / mib },
  atMost("growth of resident memory over the month", "%", growth("residentBytes"), 5),
  atMost("growth of open files over the month", "%", growth("openFiles"), 5),
  ...Object.entries(done).map(([how, value]) => ({ what: `disturbed: ${how}`, unit: "", value })),
);
