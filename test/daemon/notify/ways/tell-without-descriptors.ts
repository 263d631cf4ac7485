import { closeSync, openSync } from "node:fs";
import { systemClock } from "../../../../daemon/base/clock.ts";
import { testMessage } from "../../../../daemon/notify/message.ts";
import { CommandWay } from "../../../../daemon/notify/ways/command-way.ts";

/** Tells a program while no descriptor is left, and says what came of it; needs a low limit. */
const argv = [process.execPath, "--version"] as const;
const way = new CommandWay({ argv, timeoutMs: 20_000, clock: systemClock, env: process.env });
const message = testMessage("ntc_0123456789abcdef01234567", 1000, {
  host: "box",
  version: "0.0.0",
});
const taken: number[] = [];
try {
  for (;;) taken.push(openSync("/dev/null", "r"));
} catch {
  // None is left.
}
const sent = await way.send(message, new AbortController().signal);
for (const each of taken) closeSync(each);
process.stdout.write(JSON.stringify(sent));
