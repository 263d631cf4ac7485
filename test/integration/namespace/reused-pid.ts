import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout as passing } from "node:timers/promises";
import { recallShim } from "../../../daemon/launcher/process-record.ts";
import { readProcess, readProcessTable } from "../../../daemon/launcher/process-table.ts";
import { ProcessTree } from "../../../daemon/launcher/process-tree.ts";
import { Rig } from "../../support/rig.ts";

// In a pid namespace: an attempt dies with its daemon, and another process gets its shim's number.
const env = { BLUT_RETRY_LOST: "0" };
await using rig = await Rig.start({ containment: "polling", env });
const id = await rig.submit(["sh", "-c", "echo up; exec sleep 1000"]);
await rig.says(id, "up");
const { directory } = (await rig.call("run.get", { run: id })).history[0] ?? { directory: "" };
const shim = recallShim(directory) ?? { pid: 0, startTicks: 0 };
await rig.end("SIGKILL");
for (const { pid } of new ProcessTree(shim).look(readProcessTable())) process.kill(pid, "SIGKILL");
while (readProcess(shim.pid) !== undefined) await passing(10);

let victim = spawn("true");
for (let tries = 0; tries < 50 && victim.pid !== shim.pid; tries++) {
  victim.kill();
  writeFileSync("/proc/sys/kernel/ns_last_pid", String(shim.pid - 1));
  victim = spawn("sleep", ["1000"]);
}
await rig.boot();
await rig.call("run.cancel", { runs: [id], now: true });
const { state } = await rig.finished(id);
const isAlive = /[SR]/.test(readProcess(shim.pid)?.state ?? "");
const told = { reused: victim.pid === shim.pid, state, victim: isAlive ? "alive" : "dead" };
process.stdout.write(JSON.stringify(told));
victim.kill();
