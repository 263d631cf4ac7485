import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { Connection } from "../../client/connection.ts";

const blutd = path.resolve(import.meta.dirname, "../../daemon/main/blutd.js");

it("a log that nobody reads holds nobody up", async () => {
  const directory = mkdtempSync(path.join(tmpdir(), "blut-unread-"));
  const at = (name: string): string => path.join(directory, name);
  const places = ["--state-dir", at("state"), "--runtime-dir", at("run")];
  const daemon = spawn(process.execPath, [blutd, "--containment", "polling", ...places], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    await expect.poll(() => existsSync(at("run/blutd.sock")), { timeout: 20_000 }).toBe(true);
    const opened = await Connection.open(at("run/blutd.sock"));
    if (!opened.ok) throw new Error(opened.error.message);
    const { value: connection } = opened;
    await connection.call("daemon.pause", { reason: "nothing is to start" });
    // Each is a line of the log: far more than a pipe holds.
    const command = { argv: ["true"] as [string], cwd: "/", env: { PATH: "/bin" } };
    const submits = Array.from({ length: 2000 }, () => command);
    for (let i = 0; i < submits.length; i += 100) {
      const batch = submits.slice(i, i + 100).map((each) => connection.call("run.submit", each));
      for (const answer of await Promise.all(batch)) expect(answer.ok).toBe(true);
    }
    expect(await connection.call("daemon.status", {})).toMatchObject({ ok: true });
    connection.close();
  } finally {
    daemon.kill("SIGKILL");
    await once(daemon, "exit");
    rmSync(directory, { recursive: true });
  }
}, 60_000);
