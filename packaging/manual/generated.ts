import { readFileSync } from "node:fs";
import { completionScripts } from "../../client/completion-scripts.ts";
import { blutdPage, settingsPage } from "./daemon.ts";
import { recipePage, schedulePage } from "./files.ts";
import { rpcPage } from "./methods.ts";
import type { Edition } from "./page.ts";
import { roffOf } from "./roff.ts";
import { stagePage } from "./stage.ts";
import { blutctlPage } from "./verbs.ts";

/** Every generated file by its path under packaging/, the same bytes whenever it is asked for. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const pages = [
    await blutctlPage(),
    blutdPage(),
    settingsPage(),
    recipePage(),
    schedulePage(),
    stagePage(),
    rpcPage(),
  ];
  const edition = readEdition();
  return new Map([
    ...pages.map((page) => [`man/${page.name}.${page.section}`, roffOf(page, edition)] as const),
    ["completions/blutctl.bash", completionScripts.bash],
    ["completions/_blutctl", completionScripts.zsh],
    ["completions/blutctl.fish", completionScripts.fish],
  ]);
}

/** The version, and the date that the changelog has for it: the clock would make every build another one. */
function readEdition(): Edition {
  const read = (name: string): string =>
    readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
  const { version } = JSON.parse(read("package.json")) as { version: string };
  const heading = new RegExp(
    `^## ${version.replaceAll(".", "\\.")} - (\\d{4}-\\d\\d-\\d\\d)$`,
    "m",
  );
  return { version, date: heading.exec(read("CHANGELOG.md"))?.[1] ?? "" };
}
