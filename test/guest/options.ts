import { Command, Option } from "commander";

/** What one call of the guest asks for. */
export interface GuestOptions {
  readonly suite: string;
  readonly qemu: boolean;
  readonly root: boolean;
  /** As the kernel reads it: digits and M or G. */
  readonly mem: string;
  /** Absent: the command may take as long as it likes. */
  readonly timeoutMs: number | undefined;
  /** Directory that keeps the guest's disk from one boot to the next; absent: every boot starts from the image. */
  readonly disk: string | undefined;
  readonly command: readonly string[];
}

/** Debian suites with an image, and the systemd each one has. */
const suites = { bookworm: 252, trixie: 257, sid: "newest" } as const;

interface RawOptions {
  readonly suite: string;
  readonly qemu?: true;
  readonly root?: true;
  readonly mem: string;
  readonly timeout?: string;
  readonly disk?: string;
}

/** Reads the command line; a wrong one ends the process with a message and 2, as a usage error does. */
export function parseOptions(argv: readonly string[]): GuestOptions {
  const program = new Command("npm run guest --")
    .description("Boots a small Debian with a real systemd, runs CMD in it, exits as CMD did.")
    .usage("[options] CMD [ARG...]")
    .argument("<cmd...>", "command, run in /tree, which is this working tree")
    .addOption(
      new Option("--suite <name>", "systemd: bookworm 252, trixie 257, sid the newest")
        .choices(Object.keys(suites))
        .default("trixie"),
    )
    .option("--root", "run CMD as root against the system manager")
    .option("--qemu", "stock kernel with PSI and two CPUs, on a copy of the tree; slow without KVM")
    .option("--mem <size>", "memory of the guest", "2G")
    .option("--timeout <seconds>", "exit 124 after that long")
    .option(
      "--disk <dir>",
      "keep the guest's disk in <dir>: the next boot with it sees this one's files",
    )
    .addHelpText(
      "after",
      "\nExit codes: CMD's own; 124 timed out; 125 the guest died or could not be built.",
    )
    .passThroughOptions()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  program.parse(argv, { from: "user" });
  const raw = program.opts<RawOptions>();
  if (!/^\d+[MG]$/.test(raw.mem)) program.error(`--mem ${raw.mem}: write it as 512M or 2G`);
  const seconds = raw.timeout === undefined ? undefined : Number(raw.timeout);
  if (seconds !== undefined && !(seconds > 0)) {
    program.error(`--timeout ${String(raw.timeout)}: a number of seconds above zero`);
  }
  return {
    suite: raw.suite,
    qemu: raw.qemu === true,
    root: raw.root === true,
    mem: raw.mem,
    timeoutMs: seconds === undefined ? undefined : seconds * 1000,
    disk: raw.disk,
    command: program.args,
  };
}
