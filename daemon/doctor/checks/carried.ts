import { placeIn, problemSentence, type Problem } from "../../domain/problem.ts";
import { stampText, type VersionStamp } from "../../domain/version-stamp.ts";
import { fine, warning, type Finding } from "../finding.ts";

/** A file that people wrote, with what is wrong with it. */
export interface BrokenText {
  readonly file: string;
  readonly problems: readonly Problem[];
}

const named = 3;

/** Files that people wrote: each kind is one finding, with the first of what is wrong. */
export function textFinding(
  what: "recipes" | "schedules",
  count: number,
  broken: readonly BrokenText[],
): Finding {
  if (broken.length === 0) return fine(what, count === 0 ? "none" : `${count}, nothing is wrong`);
  const words = broken.slice(0, named).map(({ file, problems: [first] }) => {
    return first === undefined ? file : `${placeIn(file, first)}: ${problemSentence([first])}`;
  });
  const more = broken.length > named ? `; and ${broken.length - named} more` : "";
  const remedy =
    what === "recipes" ? `blutctl recipe check ${broken[0]?.file ?? ""}` : "blutctl schedule check";
  return warning(what, `${broken.length} cannot be used: ${words.join("; ")}${more}`, remedy);
}

/**
 * Whom failures are told, and whether the program that is named for it is there. A box where
 * nobody is told hears so, and is no worse for it.
 */
export function noticeFinding(
  ways: {
    readonly command?: readonly string[];
    readonly webhook?: object;
    readonly desktop: boolean;
  },
  isThere: (program: string) => boolean,
): Finding {
  const [program] = ways.command ?? [];
  if (program !== undefined && !isThere(program)) {
    const message = `failures are to be told by ${program}, which cannot be run`;
    return warning("notify", message, "mend notify.command in blut.toml, then blutctl reload");
  }
  const names = [
    ...(program === undefined ? [] : [program]),
    ...(ways.webhook === undefined ? [] : ["a webhook"]),
    ...(ways.desktop ? ["your desktop"] : []),
  ];
  return fine(
    "notify",
    names.length === 0
      ? "nobody is told of failures; [notify] in blut.toml names a command, a webhook or the desktop"
      : `failures are told by ${names.join(", ")}`,
  );
}

/** What runs, and what lies where it was loaded from. */
export function buildFinding(
  runs: VersionStamp,
  onDisk: VersionStamp | undefined,
  restart: string,
): Finding {
  if (onDisk === undefined) return fine("version", `blutd ${stampText(runs)}`);
  const message = `blutd ${stampText(runs)} runs, its files are ${stampText(onDisk)} now`;
  return warning("version", message, restart);
}
