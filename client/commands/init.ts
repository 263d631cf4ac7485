import type { Command } from "commander";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { askBlutd } from "../blutd-beside.ts";
import { interruptedCode } from "../exit-code.ts";
import { lookAtNow } from "../init/now.ts";
import { perform } from "../init/perform.ts";
import { findPlace, type Place } from "../init/place.ts";
import { foreignUnits, planRemoval, planSetUp } from "../init/plan.ts";
import { showStep, stepText, type ShownStep } from "../init/show.ts";
import type { Step } from "../init/step.ts";
import { usage, type Refusal } from "../refusal.ts";
import { findingLines } from "../render/findings.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";

type Finding = MethodResult<"daemon.doctor">["findings"][number];

interface Options {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly remove?: true;
}

/** What only root may mend, or what init does not touch; the rest of the doctor's findings it has just changed. */
const advised = [
  "cgroup",
  "delegation",
  "memory.peak",
  "psi",
  "pids",
  "oomd",
  "clock",
  "file system",
];

/** `init`: a user's own blut is set up, after everything that this means was shown. */
export function define(command: Command, act: Act): void {
  command
    .option("--yes", "do it without asking")
    .option("--dry-run", "only show what would be done")
    .option("--remove", "take back what init made; runs, results and settings stay")
    .addHelpText(
      "after",
      "\nNeeds no daemon, and may be run again at any time. For the blut of a whole box:\n" +
        "  sudo systemctl enable --now blutd.socket",
    )
    .action((options: Options) => act(command, (session) => setUp(session, options)));
}

async function setUp(session: Session, options: Options): Promise<number> {
  const { output, around } = session;
  const uid = process.getuid?.() ?? 0;
  const place = await findPlace(around.env, uid);
  const refused = await refusalOf(session, place, options);
  if (refused !== undefined) return session.refuse(refused);
  const defaults = await askBlutd(["--defaults", "--json"]);
  if (!defaults.ok) return session.refuse(defaults.error);
  const now = await lookAtNow(place);
  const [foreign] = options.remove === true ? [] : foreignUnits(place, now);
  if (foreign !== undefined) {
    const remedy =
      "move it away and run init again, or keep it: then init has nothing to do for you";
    return session.refuse(usage(`${foreign} is not of init's making`, remedy));
  }
  const plan = options.remove === true ? planRemoval : planSetUp;
  const steps = plan(place, now, (defaults.value as { defaults: string }).defaults);
  const shown = await Promise.all(steps.map((step) => showStep(step, place)));
  const advice = options.remove === true ? [] : await adviceNow();
  if (!output.json) say(session, shown, advice);
  const isLook = options.dryRun === true || steps.length === 0;
  const goes = !isLook && (options.yes === true || (await isAgreed()));
  if (!isLook && !goes) {
    output.note("Nothing was changed.");
    return exitCodes.success.code;
  }
  const code = goes ? await performAll(session, steps, place) : exitCodes.success.code;
  if (code !== exitCodes.success.code) return code;
  if (output.json) output.value({ steps: shown, done: goes, advice });
  else if (options.remove !== true && !isLook) {
    output.result(
      "\nSet up. Try it: blutctl run -- echo hello   What else this box lacks: blutctl doctor",
    );
  }
  return code;
}

/** Why a set-up cannot even be shown, or must not be done. */
async function refusalOf(
  { link, output }: Session,
  { uid, env, carriedUnits, packagedUnits }: Place,
  { yes, dryRun, remove }: Options,
): Promise<Refusal | undefined> {
  if (uid === 0) {
    const remedy =
      "as the user whose work it is: blutctl init; for a whole box: systemctl enable --now blutd.socket";
    return usage("init sets up one user's own blut, and root's work is never run", remedy);
  }
  const asks = yes !== true && dryRun !== true;
  if (asks && (output.json || !process.stdin.isTTY)) {
    return usage("there is nobody to ask", "--yes does it, --dry-run only shows it");
  }
  if (carriedUnits === undefined && packagedUnits === undefined) {
    return usage("the units of blut are not here: this is no whole blut", "install it again");
  }
  if (remove === true || env["BLUT_SOCKET"] !== undefined) return undefined;
  const status = await link.call("daemon.status", {});
  if (!status.ok || status.value.restart.startsWith("systemctl")) return undefined;
  return {
    reason: "state-in-use",
    message: `a blutd that was started by hand answers (pid ${status.value.pid})`,
    remedy: `kill ${status.value.pid}; what runs goes on. Then run \`blutctl init\` again`,
    retryable: true,
  };
}

/** What the doctor finds that init leaves alone; nothing where it cannot be asked. */
async function adviceNow(): Promise<readonly Finding[]> {
  const checked = await askBlutd(["--check", "--json"]);
  if (!checked.ok) return [];
  const { findings } = checked.value as MethodResult<"daemon.doctor">;
  return findings.filter(
    ({ check, level, remedy }) =>
      // That no systemd of the user runs yet is mended by lingering.
      level !== "ok" && advised.includes(check) && remedy?.startsWith("loginctl") !== true,
  );
}

function say({ output }: Session, steps: readonly ShownStep[], advice: readonly Finding[]): void {
  const { style } = output;
  const parts = steps.map((step) => stepText(step, style));
  output.result(parts.length === 0 ? "Nothing to do." : parts.join("\n\n"));
  if (advice.length === 0) return;
  output.result("\nNot done here, and worth doing:");
  output.result(advice.map((finding) => findingLines(finding, style)).join("\n"));
}

async function isAgreed(): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await dialogue.question("\nDo this? [y/N] ")).trim());
  } catch {
    // Ctrl-C or the end of the input is a no.
    return false;
  } finally {
    dialogue.close();
  }
}

/** One after the other; a Ctrl-C lets the one that goes end, so that nothing is half done. */
async function performAll(session: Session, steps: readonly Step[], place: Place): Promise<number> {
  const stop = new AbortController();
  const stopListening = session.around.onInterrupt(() => {
    stop.abort();
  });
  try {
    for (const step of steps) {
      if (stop.signal.aborted) {
        session.output.note("stopped; run `blutctl init` again for the rest");
        return interruptedCode;
      }
      const done = await perform(step, place);
      if (!done.ok) return session.refuse(done.error);
    }
    return exitCodes.success.code;
  } finally {
    stopListening();
  }
}
