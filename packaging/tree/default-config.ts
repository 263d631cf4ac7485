import { settings } from "../../daemon/config/settings.ts";

const head = `# Settings of the box's blut; a user's own are read from ~/.config/blut/blut.toml. See blut.toml(5).
# What is commented out is what holds without it.
`;

/** A blut.toml that changes nothing and names every setting. */
export function defaultConfig(): string {
  const sections = Map.groupBy(Object.entries(settings), ([key]) => sectionOf(key));
  const texts = [...sections].map(([section, entries]) => {
    const title = section === "" ? "" : `\n[${section}]\n`;
    return title + entries.map(([key, setting]) => settingText(key, setting)).join("");
  });
  return `${head}${texts.join("")}`;
}

function settingText(
  key: string,
  { summary, expected, ...rest }: (typeof settings)[keyof typeof settings],
): string {
  const name = key.slice(sectionOf(key).length).replace(/^\./, "");
  const says = `\n# ${summary}: ${expected}\n`;
  return "default" in rest
    ? `${says}#${name} = ${JSON.stringify(rest.default)}\n`
    : `${says}# ${name}, when it is absent: ${rest.otherwise}\n`;
}

function sectionOf(key: string): string {
  return key.includes(".") ? key.slice(0, key.indexOf(".")) : "";
}
