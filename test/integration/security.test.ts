import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  globSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Connection } from "../../client/connection.ts";
import { attemptFiles } from "../../daemon/launcher/attempt-files.ts";
import { readProcess } from "../../daemon/launcher/process-table.ts";
import { wireLimits } from "../../daemon/protocol/limits.ts";
import { Rig } from "../support/rig.ts";

const root = path.resolve(import.meta.dirname, "../..");
const secret = "hunter2-5c1d9f";
const polling = { containment: "polling" } as const;

let rig: Rig;
beforeAll(async () => {
  rig = Rig.prepare(polling);
  mkdirSync(path.join(rig.directory, "tmp"));
  const env = {
    DAEMONS_OWN: `daemon-${secret}`,
    BLUT_LOG_LEVEL: "debug",
    TMPDIR: path.join(rig.directory, "tmp"),
  };
  await rig.boot({ env });
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Everything below a place, itself included. */
function below(place: string): string[] {
  const names = readdirSync(place, { recursive: true, encoding: "utf8" });
  return [place, ...names.map((name) => path.join(place, name))];
}

async function directoryOf(id: string): Promise<string> {
  return (await rig.call("run.get", { run: id })).history.at(-1)?.directory ?? "";
}

describe("security 1: only the owner comes in", () => {
  test("every directory, file and socket is closed to others, and there is no other door", async () => {
    await rig.finished(await rig.stage("fill-the-log", [1000, "both"]));
    for (const place of [...below(rig.stateDir), ...below(path.dirname(rig.socket))]) {
      const { mode, size } = lstatSync(place);
      // An empty mark, such as `started`, tells nothing that its name does not.
      if (size > 0) expect(mode & 0o077, `${place} is open to others`).toBe(0);
    }
    expect(lstatSync(rig.socket).mode & 0o777).toBe(0o600);
    const fds = `/proc/${String(rig.pid)}/fd`;
    const inodes = readdirSync(fds).flatMap((fd) => {
      const found = /^socket:\[(\d+)\]$/.exec(readlinkSync(path.join(fds, fd)));
      return found?.[1] ?? [];
    });
    const rowsOf = (file: string): string[] =>
      readFileSync(`/proc/net/${file}`, "utf8")
        .split("\n")
        .filter((row) => inodes.some((inode) => row.trim().split(/\s+/).includes(inode)));
    for (const file of ["tcp", "tcp6", "udp", "udp6"]) expect(rowsOf(file)).toStrictEqual([]);
    // A path that begins with @ is an abstract socket, which no directory closes.
    expect(rowsOf("unix").filter((row) => row.includes(" @"))).toStrictEqual([]);
  });

  test.each([0o750, 0o701, 0o777])("a state directory of mode %i is refused", async (mode) => {
    await using open = Rig.prepare(polling);
    mkdirSync(open.stateDir);
    chmodSync(open.stateDir, mode);
    expect(await open.launch()).toBe(78);
    const said = open.log.map(({ msg }) => msg).join("\n");
    expect(said).toMatch(/others can enter it\nremedy: chmod 700/);
    expect(lstatSync(open.stateDir).mode & 0o777, "nothing is mended").toBe(mode);
  });
});

test("security 2: nothing is made in a shared temporary directory, and no half record is left", async () => {
  const id = await rig.submit(["sh", "-c", "echo out; echo err >&2"]);
  await rig.finished(id);
  expect(readdirSync(path.join(rig.directory, "tmp"))).toStrictEqual([]);
  const files = readdirSync(await directoryOf(id));
  expect(files).toContain("result.json");
  expect(files.filter((name) => /tmp|new|~/.test(name))).toStrictEqual([]);
});

describe("security 3: what work can swap is not followed", () => {
  test("a log that became a link to somebody's file is not read", async () => {
    const target = path.join(rig.directory, "private");
    writeFileSync(target, secret);
    const script = `cd "\${BLUT_CONTEXT%/*}" && rm stdout.log && ln -s "$0" stdout.log`;
    const id = await rig.submit(["sh", "-c", script, target]);
    expect(await rig.finished(id)).toMatchObject({ state: "succeeded" });
    const refused = await rig.refusal("run.log", { run: id, stream: "stdout" });
    expect(refused).toMatchObject({ reason: "not-found" });
    expect(JSON.stringify(refused)).not.toContain(secret);
  });

  test.each(["ln -s", "ln", "mkfifo"])(
    "a log that became the product of %s neither",
    async (how) => {
      const target = path.join(rig.directory, `other-${how.replace(" ", "")}`);
      writeFileSync(target, secret);
      const make = how === "mkfifo" ? "mkfifo stderr.log" : `${how} "$0" stderr.log`;
      const script = `cd "\${BLUT_CONTEXT%/*}" && rm stderr.log && ${make}`;
      const id = await rig.submit(["sh", "-c", script, target]);
      await rig.finished(id);
      const refused = await rig.refusal("run.log", { run: id, stream: "stderr" });
      expect(refused).toMatchObject({ reason: "not-found" });
      expect(readFileSync(target, "utf8")).toBe(secret);
    },
  );

  test("a result that is a link to a good one is not believed", async () => {
    const good = path.join(rig.directory, "good.json");
    const script = `printf '{"kind":"exited","status":0,"attempt":"%s"}' "$BLUT_ATTEMPT" >"$0"
      cd "\${BLUT_CONTEXT%/*}" && ln -s "$0" result.json && kill -9 $PPID $$`;
    const id = await rig.submit(["sh", "-c", script, good]);
    await rig.event("attempt.ended", id);
    const { history } = await rig.call("run.get", { run: id });
    expect(history[0]?.outcome).toStrictEqual({ cause: "killed-from-outside", by: "stranger" });
    await rig.call("run.cancel", { runs: [id], now: true });
    await rig.finished(id);
  });
});

describe("security 4: no shell in the daemon or the client", () => {
  const sources = globSync("{daemon,client}/**/*.ts", { cwd: root });

  test.each(sources)("%s", (file) => {
    const text = readFileSync(path.join(root, file), "utf8");
    const named = [
      /import (?:type )?\{([^}]*)\} from "node:child_process"/g,
      /const \{([^}]*)\} = await import\("node:child_process"\)/g,
    ];
    const imported = named.flatMap((how) => [...text.matchAll(how)].map(([, names = ""]) => names));
    const names = imported.flatMap((list) => list.split(","));
    const starters = names.map((name) => name.trim().replace(/^type /, ""));
    expect(starters.filter((name) => /^exec(Sync)?\b/.test(name))).toStrictEqual([]);
    // In no other way: what is taken from it has a name that can be looked at.
    expect([...text.matchAll(/["']((node:)?child_process)["']/g)]).toHaveLength(imported.length);
    if (imported.length > 0) expect(text).not.toMatch(/\bshell:|"(pkill|killall|sh|bash)"/);
    expect(text).not.toMatch(/\beval\(|new Function\(/);
  });

  test("what a shell would act on reaches the command as it is", async () => {
    const hostile = "$(touch /tmp/x); `id` && | > * ~ \\ ' \" %n -rf --";
    const id = await rig.submit(["printf", "%s", hostile], { env: { PATH: "/usr/bin:/bin" } });
    await rig.finished(id);
    expect(await rig.output(id)).toBe(hostile);
  });
});

test("security 5: a client cannot name a unit or give it properties", async () => {
  const fine = { argv: ["true"], cwd: "/", env: {} };
  for (const more of [{ unit: "ssh.service" }, { properties: { ExecStartPre: "id" } }]) {
    const answer = await rig.connection.callAny("run.submit", { ...fine, ...more });
    expect(answer).toMatchObject({ ok: false, error: { reason: "invalid-request" } });
  }
});

describe("security 6: the environment of a run", () => {
  test("is what was submitted and the stage contract's, nothing of the daemon's", async () => {
    const env = { PATH: "/usr/bin:/bin", TOKEN: secret };
    const id = await rig.submit(["env"], { env });
    await rig.finished(id);
    const lines = (await rig.output(id)).trim().split("\n");
    const names = lines.map((line) => line.split("=")[0] ?? "").sort();
    const said = ["ATTEMPT", "CHECKPOINTS", "CONTEXT", "EVENTS", "OUT", "RUN"];
    const contract = said.map((name) => `BLUT_${name}`);
    // The shell that starts it may set these three.
    const own = names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name));
    expect(own).toStrictEqual([...contract, "PATH", "TOKEN"].sort());
    expect(lines).toContain(`TOKEN=${secret}`);
  });

  test("is in no answer, event, log line, file but the database, or anybody's command line", async () => {
    const env = { PATH: "/usr/bin:/bin", TOKEN: secret };
    const id = await rig.submit(["sh", "-c", "echo up; exec sleep 1000"], { env });
    await rig.says(id, "up");
    const commandLines = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => readCommandLine(pid));
    await rig.call("run.cancel", { runs: [id] });
    await rig.finished(id);
    const answers = [
      await rig.call("run.get", { run: id }),
      await rig.call("run.explain", { run: id }),
      await rig.call("run.list", {}),
      await rig.call("daemon.status", {}),
      await rig.call("events.list", { limit: 1000 }),
      await rig.call("calibration.export", {}),
    ];
    for (const seen of [...answers, rig.log, commandLines]) {
      expect(JSON.stringify(seen)).not.toContain(secret);
    }
    for (const file of below(await directoryOf(id))) {
      if (lstatSync(file).isFile()) expect(readFileSync(file, "utf8")).not.toContain(secret);
    }
  });
});

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

describe("security 7: text of others is no command to a terminal", () => {
  const hostile =
    "a\u001b[31mred\u001b]0;title\u0007\rover\u202egnp.exe\nrun_000000000000  forged\u009b2J";
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

  test("a hostile command line is one printable line to every verb of the client", async () => {
    const id = await rig.submit(["printf", "%s", hostile]);
    await rig.finished(id);
    const { command } = await rig
      .call("run.list", {})
      .then(({ runs }) => runs[0] ?? { command: "" });
    expect(command).not.toMatch(control);
    expect(command).not.toContain("\n");
    for (const args of [["runs"], ["show", id], ["explain", id], [], ["--json", "runs"]]) {
      const text = await blutctl(args);
      expect(text, args.join(" ")).not.toMatch(control);
      expect(text, args.join(" ")).not.toMatch(/^run_000000000000/m);
    }
  });

  test("the daemon's log stays one JSON object a line", async () => {
    const id = await rig.submit(["sh", "-c", "exit 1", hostile]);
    await rig.call("run.cancel", { runs: [id], reason: hostile });
    await rig.finished(id);
    for (const line of rig.log) expect(line, JSON.stringify(line)).toHaveProperty("level");
  });
});

/** Everything that the client says for these arguments. */
async function blutctl(args: readonly string[]): Promise<string> {
  const program = path.join(root, "client/blutctl.ts");
  const child = spawn(process.execPath, [program, ...args], {
    env: { HOME: rig.directory, BLUT_SOCKET: rig.socket, LANG: "C.UTF-8" },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (more: string) => (text += more));
  }
  await once(child, "close");
  return text;
}

test("security 8: a command has three files open, though the daemon has many", async () => {
  const id = await rig.submit(["sh", "-c", "ls /proc/$$/fd"]);
  await rig.finished(id);
  expect((await rig.output(id)).trim().split("\n")).toStrictEqual(["0", "1", "2"]);
});

test("security 9: a record that names the first process, or ourselves, gets nobody signalled", async () => {
  await using forged = await Rig.start({ ...polling, env: { BLUT_RETRY_LOST: "0" } });
  for (const pid of [0, 1, -1, process.pid]) {
    const id = await forged.submit(["sh", "-c", "echo up; exec sleep 1000"]);
    await forged.says(id, "up");
    const { history } = await forged.call("run.get", { run: id });
    const file = attemptFiles(history[0]?.directory ?? "").process;
    const record = JSON.parse(readFileSync(file, "utf8")) as { pid: number };
    await forged.end("SIGKILL");
    process.kill(-record.pid, "SIGKILL");
    writeFileSync(file, JSON.stringify({ ...record, pid }));
    await forged.boot();
    await forged.call("run.cancel", { runs: [id], now: true });
    expect(await forged.finished(id)).toMatchObject({ state: "failed" });
  }
  expect(readProcess(1)).toBeDefined();
});

test("security 10: one client's open requests are counted, and the others are served", async () => {
  const id = await rig.hold("counted");
  const greedy = await Connection.open(rig.socket);
  if (!greedy.ok) throw new Error(greedy.error.message);
  const asked = Array.from({ length: wireLimits.inFlight + 50 }, () =>
    greedy.value.call("run.wait", { runs: [id], waitMs: 60_000 }),
  );
  const first = await Promise.race(asked);
  expect(first).toMatchObject({
    ok: false,
    error: { reason: "too-many-requests", retryable: true },
  });
  expect((await rig.call("daemon.status", {})).counts.running).toBeGreaterThan(0);
  rig.release("counted");
  const answers = await Promise.all(asked);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(wireLimits.inFlight);
  greedy.value.close();
});
