import { spawnSync } from "node:child_process";
import { root } from "./people.ts";

/** What an installation leaves on a system, by name. */
export interface Traces {
  readonly files: readonly string[];
  readonly units: readonly string[];
  readonly accounts: readonly string[];
}

/** Places that change by themselves, that are nobody's package, or where people keep their own. */
const passing = [
  "/proc",
  "/sys",
  "/dev",
  "/run",
  "/tmp",
  "/tree",
  "/home",
  "/root",
  "/var/log",
  "/var/tmp",
];
/** dpkg's own books, and the caches of systemd and the linker. */
const books = ["/var/lib/dpkg", "/var/cache/ldconfig", "/var/lib/systemd/catalog"];

/** Everything there is at this moment. */
export function tracesNow(): Traces {
  const pruned = [...passing, ...books].flatMap((place) => ["-path", place, "-o"]).slice(0, -1);
  const files = root("find", "/", "(", ...pruned, ")", "-prune", "-o", "-print");
  return {
    files: files.trim().split("\n").sort(),
    units: [...unitsOf("--system"), ...unitsOf("--user", "--machine", "ada@")],
    accounts: [...names("passwd"), ...names("group")],
  };
}

/** Unit files and loaded units whose names have to do with us. */
function unitsOf(...manager: string[]): string[] {
  const plain = ["--all", "--plain", "--no-legend", "blut*"];
  return ["list-unit-files", "list-units"].flatMap((verb) =>
    // `list-unit-files` fails when there are none.
    spawnSync("systemctl", [...manager, verb, ...plain], { encoding: "utf8" })
      .stdout.split("\n")
      .filter((line) => line !== "")
      .map((line) => `${manager.join(" ")} ${verb}: ${line}`),
  );
}

function names(database: string): string[] {
  const lines = root("getent", database).trim().split("\n");
  return lines.map((line) => `${database} ${line.split(":", 1)[0] ?? ""}`);
}

/** What is there now and was not there then. */
export function added(then: Traces, now: Traces): Traces {
  const news = (a: readonly string[], b: readonly string[]): string[] =>
    b.filter((name) => !a.includes(name));
  return {
    files: news(then.files, now.files),
    units: news(then.units, now.units),
    accounts: news(then.accounts, now.accounts),
  };
}
