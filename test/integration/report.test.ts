import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stripVTControlCharacters } from "node:util";
import { minuteMs } from "../../daemon/domain/box-minute.ts";
import {
  costPhrases,
  outsidePhrase,
  reusedWords,
  startWords,
  waitPhrases,
} from "../../client/render/report/phrases.ts";
import type { Report } from "../../client/render/report/words.ts";
import { nightRig } from "../support/night-rig.ts";
import { Rig } from "../support/rig.ts";
import { blutctl } from "../system/support/blutctl.ts";

describe("the morning after", () => {
  let rig: Rig;
  let since: string;
  beforeAll(async () => {
    const night = await nightRig();
    rig = night.rig;
    since = `${Math.ceil((Date.now() - night.beganAt) / minuteMs) + 1}m`;
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const report = async (...args: string[]) => blutctl(rig, "report", ...args).ended;

  test("begins with the sentence that matters and tells every failure with what to type", async () => {
    const { stdout, stderr, code } = await report("--since", since);
    expect({ stderr, code }).toStrictEqual({ stderr: "", code: 0 });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("9 of 14 runs ended well; 4 need you.");
    const asIs = (text: string): string => lines.find((line) => line.includes(text)) ?? "";
    expect(asIs("backup  exit 11")).not.toBe("");
    expect(asIs('write failed on "/mnt/nas')).not.toBe("");
    expect(lines).toContain("    blutctl log run_night0000008");
    expect(lines).toContain("    blutctl explain run_night0000009");
    expect(lines).toContain("    blutctl retry run_night0000013");
    expect(asIs("evaluate: exit 1, last")).not.toBe("");
    expect(asIs("killed     ")).toContain("4 attempts of 2 runs at their own limits, 4h45m lost");
    expect(asIs("learnt")).toContain("limits of 6 attempts left 8.8 GiB h free");
    expect(asIs("least")).toContain("2 GiB are kept free; below that for");
    expect(asIs("pressure")).toContain("at 5 % or more for 9 minutes");
    expect(asIs("longest")).toContain("encode: 2h52m, mostly because the memory budget was");
    expect(asIs("flaky-sync")).toContain("after 5 failures");
    expect(asIs("mirror")).toContain("1 skipped, 1 missed");
    expect(asIs("a restart of the machine")).not.toBe("");
  });

  test("every line fits 80 columns, and what a run says acts on no terminal", async () => {
    const { stdout } = await report("--since", since, "--color", "always");
    const plain = stripVTControlCharacters(stdout).split("\n");
    expect(plain.filter((line) => line.length > 80)).toStrictEqual([]);
    expect(stdout).not.toContain("\u001b[31mERROR");
  });

  test("a span in which nothing was is said to be so", async () => {
    const { stdout } = await report("--since", "2020-01-01", "--until", "2020-01-02");
    expect(stdout.split("\n")[0]).toBe("Nothing happened.");
    expect(stdout).not.toContain("What ran");
  });

  test("a time that is none is named, and so is a span without a length", async () => {
    const wrong = await report("--since", "lately");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("expected a length such as 12h or 1d");
    const empty = await report("--since", "1h", "--until", "2h");
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain("expected an instant after");
  });

  test("--html - is the page for a pipe, in the words of the terminal", async () => {
    const { stdout, stderr, code } = await report("--since", since, "--html", "-");
    expect({ stderr, code }).toStrictEqual({ stderr: "", code: 0 });
    expect(stdout).toMatch(/^<!doctype html>\n.*<\/html>\n$/s);
    const told = JSON.parse((await report("--since", since, "--json")).stdout) as Report;
    const shown = (await report("--since", since)).stdout.replaceAll(/\s+/g, " ");
    // Between two calls only the disk says something else.
    const said = [...waitPhrases(told), ...costPhrases(told), outsidePhrase(told)];
    const phrases = [...said.map(([, words]) => words), startWords(told), reusedWords(told)];
    expect(phrases.filter((words) => words !== "").length).toBeGreaterThan(4);
    for (const words of phrases) {
      expect(shown).toContain(words);
      expect(stdout).toContain(words);
    }
  });

  test("--html - next to --json has no room for both", async () => {
    const refused = await report("--json", "--html", "-");
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { reason: "usage" } });
    expect(refused.stderr).toContain("standard output is for one JSON value");
  });

  test("--json is all of it, with the timeline and the courses", async () => {
    const { stdout } = await report("--since", since, "--json");
    const told = JSON.parse(stdout) as Awaited<ReturnType<typeof rig.call<"report.get">>>;
    expect(told.bars.map(({ state }) => state).slice(0, 4)).toStrictEqual(Array(4).fill("failed"));
    expect(told.bars).toHaveLength(14);
    expect(told.courses).toHaveLength(12);
    for (const { needBytes } of told.courses) expect(needBytes.length).toBeLessThanOrEqual(100);
    expect(told.minutes.length).toBeGreaterThan(200);
  });
});

test("what an attempt needs, and how the box stood, outlives the daemon", async () => {
  await using rig = await Rig.start({ containment: "polling" });
  const id = await rig.submit(["sh", "-c", "sleep 7"]);
  const { history } = await rig.finished(id);
  await rig.end("SIGTERM");
  await rig.boot();
  const sinceAt = (history[0]?.createdAt ?? 0) - minuteMs;
  const { courses, box, runs, memory, daemon } = await rig.call("report.get", {
    sinceAt,
    courses: 5,
  });
  expect(runs).toMatchObject({ succeeded: 1, failed: 0 });
  expect(courses).toHaveLength(1);
  expect(courses[0]).toMatchObject({ runId: id, limitBytes: history[0]?.limitBytes });
  expect(courses[0]?.needBytes.filter((need) => need !== null).length).toBeGreaterThan(2);
  expect(daemon).toStrictEqual({ starts: 2, reboots: 0, deaths: 0 });
  expect(box.minutes).toBeGreaterThan(0);
  expect(memory.kills).toBe(0);
});
