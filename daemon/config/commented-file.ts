import { settings, type Setting } from "./settings.ts";

/** A blut.toml that changes nothing and names every setting; `head` says what the file is, in comments. */
export function commentedFile(head: string): string {
  const rows = Object.entries(settings as Readonly<Record<string, Setting>>);
  const sections = Map.groupBy(rows, ([key]) => sectionOf(key));
  const texts = [...sections].map(([section, entries]) => {
    const title = section === "" ? "" : `\n[${section}]\n`;
    return title + entries.map(([key, setting]) => lines(key, setting)).join("");
  });
  return `${head}${texts.join("")}`;
}

function lines(key: string, setting: Setting): string {
  const name = key.slice(sectionOf(key).length).replace(/^\./, "");
  const says = `\n# ${setting.summary}: ${setting.expected}\n`;
  return "default" in setting
    ? `${says}#${name} = ${JSON.stringify(setting.default)}\n`
    : `${says}# ${name}, when it is absent: ${setting.otherwise}\n`;
}

function sectionOf(key: string): string {
  return key.includes(".") ? key.slice(0, key.indexOf(".")) : "";
}
