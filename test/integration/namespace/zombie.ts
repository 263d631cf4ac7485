import { setTimeout as passing } from "node:timers/promises";
import { recallShim } from "../../../daemon/launcher/process-record.ts";
import { readProcess } from "../../../daemon/launcher/process-table.ts";
import { Rig } from "../../support/rig.ts";

// As the first process of a pid namespace, which gets the orphans and here reaps none of them.
await using rig = await Rig.start({ containment: "polling" });
const id = await rig.hold("zombie");
await rig.says(id, "holding");
const { directory } = (await rig.call("run.get", { run: id })).history[0] ?? { directory: "" };
const shim = recallShim(directory) ?? { pid: 0, startTicks: 0 };
await rig.crash();
rig.release("zombie");
while (readProcess(shim.pid)?.state !== "Z") await passing(10);
const { state, exitCode, attempts } = await rig.finished(id);
const told = { shim: readProcess(shim.pid)?.state, state, exitCode, attempts };
process.stdout.write(JSON.stringify(told));
