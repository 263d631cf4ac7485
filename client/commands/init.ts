import type { Command } from "commander";
import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { askBlutd } from "../blutd-beside.ts";
import { interruptedCode } from "../exit-code.ts";
import { ask } from "../init/ask.ts";
import { lookAtNow } from "../init/now.ts";
import { performAll } from "../init/perform.ts";
import { findPlace, type Place } from "../init/place.ts";
import { foreignUnits, planRemoval, planSetUp } from "../init/plan.ts";
import { showStep, stepLine, stepText, type ShownStep } from "../init/show.ts";
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
  const answer = (performed: number): void => {
    const told = shown.map((step, index) => ({ ...step, done: index < performed }));
    const done = steps.length > 0 && performed === steps.length;
    if (output.json) output.value({ steps: told, done, advice });
  };
  if (options.dryRun === true || steps.length === 0) {
    answer(0);
    return exitCodes.success.code;
  }
  const said = options.yes === true ? "yes" : await ask("\nDo this? [y/N] ", process, around);
  if (said !== "yes") {
    output.note("Nothing was changed.");
    return said === "no" ? exitCodes.success.code : interruptedCode;
  }
  const { done, refused: failed } = await performHeard(session, steps, place);
  const code = failed === undefined ? interruptedCode : session.refuse(failed);
  if (failed === undefined) answer(done);
  if (done < steps.length) {
    tellRest(session, shown, done, options);
    return code;
  }
  if (!output.json && options.remove !== true) {
    output.result(
      "\nSet up. Try it: blutctl run -- echo hello\nWhat else this box lacks: blutctl doctor",
    );
  }
  return exitCodes.success.code;
}

/** Does the steps; a Ctrl-C lets the one that goes end, so that nothing is half done. */
async function performHeard(session: Session, steps: readonly Step[], place: Place) {
  const stop = new AbortController();
  const stopListening = session.around.onInterrupt(() => {
    if (!stop.signal.aborted) session.output.note("stops after this step");
    stop.abort();
  });
  try {
    return await performAll(steps, place, stop.signal);
  } finally {
    stopListening();
  }
}

/** Which steps are done and which are not. */
function tellRest(
  { output }: Session,
  steps: readonly ShownStep[],
  done: number,
  { remove }: Options,
): void {
  for (const [index, step] of steps.entries()) {
    output.note(`${index < done ? "done    " : "not done"}  ${stepLine(step)}`);
  }
  const back = remove === true ? "" : "; `blutctl init --remove` takes back what is done";
  output.note(`run it again for the rest${back}`);
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
