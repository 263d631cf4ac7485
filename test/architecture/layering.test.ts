import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** The ladder: a room imports itself and the rooms named here, types included. ARCHITECTURE.md says why. */
const ladder: Readonly<Record<string, string>> = {
  domain: "",
  base: "domain",
  config: "domain base",
  planning: "domain base",
  protocol: "domain base",
  store: "domain base",
  systemd: "domain base",
  events: "domain base store",
  artifacts: "domain base store",
  "stage-events": "domain base",
  cookbook: "domain base planning protocol",
  broker: "domain base config",
  launcher: "domain base systemd",
  doctor: "domain base",
  lineage: "domain base store",
  executor: "domain base store events artifacts stage-events broker launcher lineage",
  scheduler: "domain base config planning store events broker executor",
  history: "domain base config store events broker executor scheduler",
  retention: "domain base config store events artifacts",
  timers: "domain base planning protocol store events scheduler",
  report: "domain base config store",
  notify: "domain base config store systemd events",
  telemetry: "domain base store events broker scheduler",
  rpc:
    "domain base config planning cookbook protocol store events artifacts stage-events broker lineage " +
    "scheduler timers retention report notify",
  main:
    "domain base config planning cookbook protocol store systemd events artifacts stage-events broker " +
    "launcher lineage doctor history executor scheduler timers retention report notify telemetry rpc",
  client: "protocol",
};

const root = join(import.meta.dirname, "../..");
const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
const sources = [...files("daemon/**/*.ts"), ...files("client/**/*.ts")];

/** `daemon/store/runs.ts` is of the room `store`, everything of the client is of `client`. */
function roomOf(file: string): string {
  const [top = "", room = ""] = file.split("/");
  return top === "daemon" ? room : top;
}

/** What a text imports: our files as paths from the root, packages by name; types, re-exports and import() too. */
function importsOf(file: string, text = textOf(file)): string[] {
  return ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith(".") ? join(dirname(file), fileName) : fileName,
    );
}

/** Node erases `import type` and `export type`; everything else is loaded. */
function loadsOf(file: string): string[] {
  const kept = textOf(file).replace(/^(?:import|export) type [^;]*? from "[^"]+";/gm, "");
  return importsOf(file, kept);
}

const isOurs = (path: string): boolean => sources.includes(path);

describe("layering", () => {
  it.each(sources)("%s imports only its own room and the rooms below it", (file) => {
    const allowed = [roomOf(file), ...(ladder[roomOf(file)] ?? "no such room").split(" ")];
    const ours = importsOf(file).filter((path) => /^(daemon|client|test|packaging)\//.test(path));
    expect(ours.filter((path) => !allowed.includes(roomOf(path)))).toEqual([]);
  });

  it("domain imports nothing from outside, not even of Node", () => {
    const outside = files("daemon/domain/*.ts").flatMap((file) =>
      importsOf(file).filter((path) => !isOurs(path)),
    );
    expect(outside).toEqual([]);
  });

  it.each([
    { library: "better-sqlite3", home: "daemon/store/" },
    { library: "dbus-next", home: "daemon/systemd/" },
  ])("$library is used in $home alone", ({ library, home }) => {
    const users = sources.filter((file) => importsOf(file).includes(library));
    expect(users.filter((file) => !file.startsWith(home))).toEqual([]);
  });

  it("no file reaches itself through its imports, types included", () => {
    const settled = new Set<string>();
    const visit = (file: string, trail: readonly string[]): string[] => {
      if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(" > ")];
      if (settled.has(file)) return [];
      const cycles = importsOf(file)
        .filter(isOurs)
        .flatMap((next) => visit(next, [...trail, file]));
      settled.add(file);
      return cycles;
    };
    expect(sources.flatMap((file) => visit(file, []))).toEqual([]);
  });

  it("the client never loads zod: its start costs little more than Node's own", () => {
    const loaded = new Map<string, string>();
    const load = (path: string, from: string): void => {
      if (loaded.has(path)) return;
      loaded.set(path, from);
      if (isOurs(path)) for (const next of loadsOf(path)) load(next, path);
    };
    load("client/blutctl.ts", "the shell");
    const heavy = ["zod", "pino", "better-sqlite3", "dbus-next", "systeminformation"];
    expect([...loaded].filter(([path]) => heavy.includes(path))).toEqual([]);
  });
});

describe("sizes", () => {
  it.each([
    { what: "source", most: 300, paths: [...sources, ...files("packaging/**/*.{ts,sh}")] },
    { what: "test", most: 500, paths: files("test/**/*.{ts,sh}") },
  ])("no $what file has more than $most lines", ({ most, paths }) => {
    const long = paths.filter((file) => textOf(file).trimEnd().split("\n").length > most);
    expect(long).toEqual([]);
  });

  it("a room past 15 files is two rooms", () => {
    const count = (room: string): number =>
      files(`daemon/${room}/*.ts`).filter((file) => !file.endsWith(".d.ts")).length;
    const large = Object.keys(ladder).filter((room) => count(room) > 15);
    // A table and a noun are a file each, however many there are.
    expect(large.filter((room) => !["store", "domain"].includes(room))).toEqual([]);
  });
});
