import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Containment } from "../../daemon/domain/host.ts";
import { holeOf } from "../../daemon/launcher/output/output-hole.ts";
import { LauncherBed, mib, outputOf, saying, stage } from "./launcher-bed.ts";
import { outputPolicy } from "./launcher-kinds.ts";

const node = process.execPath;

/** What every launcher of processes on this box promises; run on each of them. */
export function launcherSuite(kind: Containment): void {
  let bed: LauncherBed;
  beforeAll(async () => {
    bed = await LauncherBed.of(kind);
  });
  afterAll(() => bed.close());

  describe("how it ended", () => {
    test.each([0, 1, 7, 255])("exit status %i is reported as it was", async (status) => {
      const { report } = await bed.run(["sh", "-c", `exit ${status}`]);
      expect(report).toMatchObject({ record: { kind: "exited", status }, started: true });
      expect(report.killer).toBeUndefined();
    });

    test("a death by signal is 128 and the signal", async () => {
      const { report } = await bed.run(["sh", "-c", "kill -SEGV $$"]);
      expect(report.record).toEqual({ kind: "exited", status: 128 + 11 });
    });

    test("the first instruction has its time, between asking and the end", async () => {
      const beganAt = Date.now();
      const { report } = await bed.run(["true"]);
      expect(report.startedAt).toBeGreaterThanOrEqual(Math.floor(beganAt) - 10);
      expect(report.startedAt).toBeLessThanOrEqual(Date.now() + 10);
    });

    test("a program that is not there could not start, and the run's own log says so", async () => {
      const { report, spec } = await bed.run(["no-such-program-of-ours"]);
      expect(report).toMatchObject({
        record: { kind: "could-not-start", why: "there is no such program" },
        started: false,
      });
      expect(outputOf(spec, "stderr")).toContain("no-such-program-of-ours");
    });

    test("a file that is no program could not start", async () => {
      const file = path.join(bed.home, "no-program");
      writeFileSync(file, "text", { mode: 0o600 });
      const { report } = await bed.run([file]);
      expect(report.record).toEqual({
        kind: "could-not-start",
        why: "the program cannot be executed",
      });
    });

    test("a working directory that is gone could not start, and the log names it", async () => {
      const { report, spec } = await bed.run(["true"], { cwd: "/no/such/directory" });
      expect(report).toMatchObject({
        record: { kind: "could-not-start", why: "the working directory cannot be entered" },
        started: false,
      });
      expect(outputOf(spec, "stderr")).toContain("/no/such/directory");
    });

    test("arguments larger than the kernel takes are a failure, not an exception", async () => {
      const started = await bed.launcher.start(bed.spec(["echo", "x".repeat(200_000)]));
      expect(started.ok ? "started" : started.error.reason).toBe("could-not-start");
    });

    test("a directory that is gone is a failure, not an exception", async () => {
      const spec = bed.spec(["true"], { directory: path.join(bed.home, "gone") });
      const started = await bed.launcher.start(spec);
      expect(started.ok ? "started" : started.error.reason).toBe("could-not-start");
    });

    test("fault 5: a killed shim is never a success, and nothing of the attempt is left", async () => {
      const spec = bed.spec(["sh", "-c", "echo $PPID; sleep 1000; exit 0"]);
      const attempt = await bed.start(spec);
      await saying(spec, "\n");
      process.kill(Number(outputOf(spec)), "SIGKILL");
      const report = await attempt.ended;
      expect(report).toMatchObject({ started: true, peaks: { leftovers: 2 } });
      expect(report.record).toBeUndefined();
      expect(report.killer).toBeUndefined();
    });
  });

  describe("memory", () => {
    test("fault 34: what grows over its limit is killed, and the report says whose limit", async () => {
      const grow = "const a=[]; for(;;) a.push(Buffer.alloc(8<<20, 1))";
      const { report } = await bed.run([node, "-e", grow], { limitBytes: 120 * mib });
      expect(report.killer).toBe("own-limit");
      expect(report.peaks.oomKills).toBeGreaterThan(0);
      expect(report.peaks.rodeLimit).toBe(true);
    });

    test("a spike that was given back again is the need", async () => {
      const spike = "let b=Buffer.alloc(120<<20, 1); setTimeout(()=>{b=null}, 700)";
      const { report } = await bed.run([node, "-e", spike]);
      expect(report.record).toEqual({ kind: "exited", status: 0 });
      expect(report.peaks.needBytes).toBeGreaterThan(118 * mib);
      expect(report.peaks.needBytes).toBeLessThan(230 * mib);
    });

    test("a large file that is only read is no need", async () => {
      const file = path.join(bed.home, "large");
      writeFileSync(file, Buffer.alloc(100 * mib, 1));
      const { report } = await bed.run(["sh", "-c", `cat '${file}' >/dev/null; sleep 0.3`]);
      expect(report.record).toEqual({ kind: "exited", status: 0 });
      expect(report.peaks.needBytes ?? 0).toBeLessThan(30 * mib);
      expect(report.peaks.rodeLimit).toBe(false);
      rmSync(file);
    });

    test("memory shared by forked processes is counted once", async () => {
      const share =
        "import os,time\nb=bytearray(b'x'*(100<<20))\n" +
        "for _ in range(3):\n if os.fork()==0: time.sleep(0.5); os._exit(0)\n" +
        "for _ in range(3): os.wait()";
      const { report } = await bed.run(["python3", "-c", share]);
      expect(report.killer).toBeUndefined();
      expect(report.record).toEqual({ kind: "exited", status: 0 });
      expect(report.peaks.needBytes).toBeGreaterThan(100 * mib);
      expect(report.peaks.needBytes).toBeLessThan(230 * mib);
    });

    test("a live attempt can be read", async () => {
      const hold = "const b=Buffer.alloc(60<<20, 1); console.log('held'); setInterval(()=>b, 1e6)";
      const spec = bed.spec([node, "-e", hold]);
      const attempt = await bed.start(spec);
      await saying(spec, "held");
      expect(attempt.usage()?.needBytes).toBeGreaterThan(60 * mib);
      await expect.poll(() => attempt.memory.needBytes).toBeGreaterThan(60 * mib);
      await attempt.kill();
      await attempt.ended;
      expect(attempt.usage()).toBeUndefined();
      const highest = Math.max(...attempt.memory.curve.needBytes.map((need) => need ?? 0));
      expect(highest).toBeGreaterThan(60 * mib);
    });
  });

  describe("stopping", () => {
    test("terminate ends it by its own hand, and its status is kept", async () => {
      const spec = bed.spec([
        "sh",
        "-c",
        "trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done",
      ]);
      const attempt = await bed.start(spec);
      await saying(spec, "up");
      await attempt.terminate();
      expect((await attempt.ended).record).toMatchObject({ kind: "exited", status: 9 });
    });

    test("fault 22: what is deaf to SIGTERM dies of kill", async () => {
      const spec = bed.spec([stage("ignore-sigterm")]);
      const attempt = await bed.start(spec);
      await saying(spec, "deaf");
      await attempt.terminate();
      expect(await Promise.race([attempt.ended, Promise.resolve("still there")])).toBe(
        "still there",
      );
      await attempt.kill();
      const report = await attempt.ended;
      expect(report.started).toBe(true);
      expect(report.record).toBeUndefined();
    });

    test("signals to what is gone are quiet", async () => {
      const attempt = await bed.start(bed.spec(["true"]));
      await attempt.ended;
      await attempt.terminate();
      await attempt.kill();
    });
  });

  describe("what outlives the command", () => {
    test("fault 21: a child in a session of its own is killed and counted", async () => {
      const { report, spec } = await bed.run([
        "sh",
        "-c",
        "setsid sleep 1000 & echo $!; sleep 1; exit 3",
      ]);
      expect(report.record).toEqual({ kind: "exited", status: 3 });
      expect(report.peaks.leftovers).toBe(1);
      expect(isAlive(Number(outputOf(spec)))).toBe(false);
    });

    test("fault 23: a child that holds the output open does not hold the end back", async () => {
      const { report } = await bed.run([stage("fork-and-leave")]);
      expect(report.record).toEqual({ kind: "exited", status: 0 });
      expect(report.peaks.leftovers).toBe(1);
    });

    test("one that ends by itself in time is no leftover", async () => {
      const { report } = await bed.run(["sh", "-c", "sleep 0.1 & exit 0"]);
      expect(report.peaks.leftovers).toBe(0);
    });
  });

  describe("what the command gets", () => {
    test("its environment is the submitter's, whole and nothing else", async () => {
      const environment = {
        PATH: "/usr/bin:/bin",
        EMPTY: "",
        QUOTES: `it's "so" $HOME \`id\` \\`,
        LINES: "one\ntwo\n\n",
        BYTES: "äöü ✓",
        IFS: "/",
        OPTIND: "7",
        cwd: "lower",
        LD_LIBRARY_PATH: "/nowhere",
        LC_ALL: "ja_JP.SJIS",
        LARGE: "x".repeat(120_000),
        LARGER: "y".repeat(120_000),
      };
      const { report, spec } = await bed.run(["cat", "/proc/self/environ"], { environment });
      expect(report.record).toEqual({ kind: "exited", status: 0 });
      expect(environmentIn(outputOf(spec))).toEqual(environment);
    });

    test("security 6: it stands in no argument of any process", async () => {
      const environment = { PATH: "/usr/bin:/bin", TOKEN: "hush-hush-hush" };
      const look = "cat /proc/[0-9]*/cmdline 2>/dev/null; echo $TOKEN >&2";
      const { spec } = await bed.run(["sh", "-c", look], { environment });
      expect(outputOf(spec)).not.toContain(environment.TOKEN);
      expect(outputOf(spec, "stderr")).toContain(environment.TOKEN);
    });

    test("security 8: it has three files open, and its input is empty", async () => {
      const { spec } = await bed.run(["sh", "-c", "readlink /proc/$$/fd/0; ls /proc/$$/fd"]);
      const [input, ...fds] = outputOf(spec).trim().split("\n");
      expect(input).toBe("/dev/null");
      expect(fds.filter((fd) => !leakedFromOutside().has(fd))).toEqual(["0", "1", "2"]);
    });

    test("it is killed before the daemon is: its score is above zero", async () => {
      const { spec } = await bed.run(["cat", "/proc/self/oom_score_adj"]);
      expect(Number(outputOf(spec))).toBeGreaterThan(0);
    });

    test("its directory and arguments arrive as they were", async () => {
      const odd = ["", "a b", "-n", "*", "$(id)", "new\nline", `'"`];
      const script = "pwd; printf '<%s>' \"$@\"";
      const { spec } = await bed.run(["sh", "-c", script, "sh", ...odd]);
      expect(outputOf(spec)).toBe(`${bed.home}\n${odd.map((one) => `<${one}>`).join("")}`);
    });

    test("its logs are private", async () => {
      const { spec } = await bed.run(["true"]);
      for (const name of ["stdout.log", "stderr.log"]) {
        expect(statSync(path.join(spec.directory, name)).mode & 0o777).toBe(0o600);
      }
    });
  });

  describe("after the daemon's death", () => {
    test("fault 1: a live attempt is found again and followed to its end", async () => {
      const go = path.join(bed.home, "go");
      const spec = bed.spec([
        "sh",
        "-c",
        `echo up; until [ -e '${go}' ]; do sleep 0.05; done; exit 42`,
      ]);
      const adopt = await bed.startAndDie(spec);
      await saying(spec, "up");
      const attempt = await bed.adoptLive(adopt);
      expect(await bed.launcher.holdings()).toContain(spec.attemptId);
      writeFileSync(go, "");
      expect((await attempt.ended).record).toEqual({ kind: "exited", status: 42 });
    });

    test("an adopted attempt is still held to its limit", async () => {
      const go = path.join(bed.home, "grow");
      const grow = `const fs=require("fs"), a=[]; console.log("up");
        setInterval(() => { if (fs.existsSync(${JSON.stringify(go)})) for(;;) a.push(Buffer.alloc(8<<20, 1)) }, 20)`;
      const spec = bed.spec([node, "-e", grow], { limitBytes: 120 * mib });
      const adopt = await bed.startAndDie(spec);
      await saying(spec, "up");
      const attempt = await bed.adoptLive(adopt);
      writeFileSync(go, "");
      expect((await attempt.ended).killer).toBe("own-limit");
    });

    test("fault 4: one that ended meanwhile is reported as it ended", async () => {
      const spec = bed.spec(["sh", "-c", "exit 7"]);
      const adopt = await bed.startAndDie(spec);
      const adoption = await bed.launcher.adopt(adopt);
      const report = adoption.kind === "live" ? await adoption.attempt.ended : adoption;
      expect(report).toMatchObject(
        adoption.kind === "live"
          ? { record: { kind: "exited", status: 7 } }
          : { kind: "ended", report: { record: { kind: "exited", status: 7 }, started: true } },
      );
      await bed.launcher.release(spec.attemptId);
    });

    test("fault 5: shim and daemon killed together: what is left of it dies, never ok", async () => {
      const spec = bed.spec(["sh", "-c", "echo $PPID; sleep 1000"]);
      const adopt = await bed.startAndDie(spec);
      await saying(spec, "\n");
      process.kill(Number(outputOf(spec)), "SIGKILL");
      const attempt = await bed.adoptLive(adopt);
      const report = await attempt.ended;
      expect(report.record).toBeUndefined();
      expect(report.peaks.leftovers).toBe(2);
    });

    test("one that was never started is known as that", async () => {
      const { attemptId, directory, limitBytes } = bed.spec(["true"]);
      const adoption = await bed.launcher.adopt({
        attemptId,
        directory,
        limitBytes,
        sameBoot: true,
      });
      expect(adoption).toEqual({ kind: "never-started" });
    });

    test("fault 6: after a reboot no number in its files means anything", async () => {
      const spec = bed.spec(["true"]);
      const pid = String(process.pid);
      writeFileSync(path.join(spec.directory, "process.json"), pid);
      writeFileSync(path.join(spec.directory, "started"), "");
      expect(await bed.launcher.adopt({ ...spec, sameBoot: false })).toEqual({ kind: "vanished" });
    });
  });

  describe("its output", () => {
    test("fault 24: what floods its log keeps the start and the end, and little room", async () => {
      const lines =
        "i=0; while [ $i -lt 60 ]; do printf '%065536d\\n' $i; i=$((i+1)); done; echo last";
      const { report, spec } = await bed.run(["bash", "-c", lines]);
      expect(report.record).toEqual({ kind: "exited", status: 0 });
      const text = outputOf(spec);
      expect(text.endsWith("last\n")).toBe(true);
      expect(text.startsWith("0".repeat(65_536))).toBe(true);
      const hole = holeOf(spec.directory, "stdout");
      expect(hole?.atBytes).toBe(outputPolicy.headBytes);
      expect(hole?.droppedBytes).toBeGreaterThan(2 * mib);
      const { blocks } = statSync(path.join(spec.directory, "stdout.log"));
      expect(blocks * 512).toBeLessThan(outputPolicy.headBytes + outputPolicy.capBytes + 64 * 1024);
    });

    test("fault 26: a log that was swapped for a link is never followed", async () => {
      const target = path.join(bed.home, "precious");
      writeFileSync(target, "precious");
      const spec = bed.spec(["sh", "-c", "echo up; sleep 1000"]);
      const adopt = await bed.startAndDie(spec);
      await saying(spec, "up");
      for (const name of ["stdout.log", "stderr.log", "stdout.hole", "result.json"]) {
        rmSync(path.join(spec.directory, name), { force: true });
        symlinkSync(target, path.join(spec.directory, name));
      }
      const attempt = await bed.adoptLive(adopt);
      await attempt.kill();
      expect((await attempt.ended).record).toBeUndefined();
      expect(readFileSync(target, "utf8")).toBe("precious");
    });
  });
}

function environmentIn(text: string): Record<string, string> {
  const entries = text.split("\0").filter((entry) => entry !== "");
  return Object.fromEntries(
    entries.map((entry) => [
      entry.slice(0, entry.indexOf("=")),
      entry.slice(entry.indexOf("=") + 1),
    ]),
  );
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Open files above 9 that this test was itself started with: nobody marked them close-on-exec. */
function leakedFromOutside(): ReadonlySet<string> {
  const closeOnExec = 0o2000000;
  const isLeaked = (fd: string): boolean => {
    const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
    return Number(fd) > 9 && (Number.parseInt(flags ?? "0", 8) & closeOnExec) === 0;
  };
  return new Set(
    readdirSync("/proc/self/fd").filter((fd) => existsSync(`/proc/self/fd/${fd}`) && isLeaked(fd)),
  );
}
