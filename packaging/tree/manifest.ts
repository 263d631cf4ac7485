import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** What stays a package of its own, because it is native code. */
export const natives = ["better-sqlite3", "@resvg/resvg-js"] as const;

/** The manifest of the checkout. */
export function readManifest(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
}

/** The manifest of what is installed: everything but native code is in the bundles. */
export function installedManifest(of: Manifest, version: string): string {
  const needed = natives.map((name) => [name, of.dependencies[name]]);
  const manifest = {
    name: of.name,
    version,
    description: of.description,
    license: of.license,
    type: "module",
    os: ["linux"],
    bin: { blutd: "bin/blutd", blutctl: "bin/blutctl" },
    exports: {
      "./cookbook": {
        types: "./types/daemon/cookbook/index.d.ts",
        default: "./daemon/index.js",
      },
    },
    dependencies: Object.fromEntries(needed) as Record<string, string>,
    // No `engines`: where this one can be installed, the machine's own Node may be any.
    optionalDependencies: of.optionalDependencies,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
