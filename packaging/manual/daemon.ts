import { daemonExits } from "../../daemon/main/exit-code-of-failure.ts";
import { commandLine } from "../../daemon/main/parts/command-line.ts";
import { settings, variableOf, type Setting } from "../../daemon/config/settings.ts";
import { fragment } from "./markdown.ts";
import * as p from "./page.ts";
import { optionTerm } from "./verbs.ts";

/** blutd(8), from its command line. */
export function blutdPage(): p.Page {
  return {
    name: "blutd",
    section: 8,
    summary: "run heavy work unattended, within the memory of the box",
    blocks: [
      p.section("SYNOPSIS"),
      { kind: "text", text: [p.bold("blutd"), p.roman(" ["), p.italic("options"), p.roman("]")] },
      ...fragment("blutd"),
      p.section("OPTIONS"),
      ...commandLine().options.map(optionTerm),
      p.section("EXIT STATUS"),
      ...Object.values(daemonExits).map(({ code, meaning }) =>
        p.term([p.bold(String(code))], p.sentence(meaning)),
      ),
      ...fragment("blutd-end"),
    ],
  };
}

/** blut.toml(5), from the table of settings. */
export function settingsPage(): p.Page {
  const keys: [string, Setting][] = Object.entries(settings);
  const sections = Map.groupBy(keys, ([key]) => /^(.+)\./.exec(key)?.[1] ?? "");
  return {
    name: "blut.toml",
    section: 5,
    summary: "settings of blutd",
    blocks: [
      ...fragment("blut.toml"),
      p.section("SETTINGS"),
      ...[...sections].flatMap(([name, rows]) => [
        ...(name === "" ? [] : [p.part(`[${name}]`)]),
        ...rows.map(([key, setting]) => settingTerm(key, setting)),
      ]),
      ...fragment("blut.toml-end"),
    ],
  };
}

function settingTerm(key: string, setting: Setting): p.Block {
  const { expected, summary, flag } = setting;
  const preset =
    "default" in setting ? `\`${JSON.stringify(setting.default)}\`` : setting.otherwise;
  const places = [`Variable \`${variableOf(key)}\``];
  if (flag !== undefined) places.push(`flag \`--${flag}\``);
  const name: p.Text = [p.bold(key.replace(/^.*\./, "")), p.roman("  "), p.italic(expected)];
  return p.term(name, `${p.sentence(summary)} Default: ${preset}. ${places.join(", ")}.`);
}
