import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stretchStart } from "../../../daemon/main/service/service.ts";
import { Notifier } from "../../../daemon/systemd/service/notifier.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { scratchDirectory } from "../store/support/scratch.ts";

const minute = 60_000;

/** What a `systemd-notify` of the test's own is told, a line each. */
function hearing(): { readonly notifier: Notifier; readonly heard: () => string[] } {
  const directory = scratchDirectory();
  const [program, file] = [join(directory, "systemd-notify"), join(directory, "heard")];
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> ${file}\n`);
  chmodSync(program, 0o755);
  const complaints: string[] = [];
  const env = { NOTIFY_SOCKET: join(directory, "notify"), PATH: directory };
  const notifier = Notifier.take(env, process.pid, (why) => complaints.push(why));
  const lines = (): string[] =>
    existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  return {
    notifier,
    heard: () => {
      expect(complaints).toStrictEqual([]);
      return lines();
    },
  };
}

test("a start that takes long asks for more well before it runs out, and no more once it is over", async () => {
  const { notifier, heard } = hearing();
  const clock = new FakeClock();
  const isOpen = stretchStart(notifier, clock);
  clock.pass(minute / 4);
  expect(clock.isAwaited).toBe(true);
  clock.pass(2 * minute);
  // After everything that was to be told before it.
  await notifier.tell({ STATUS: "now" });
  const asked = heard().filter((line) => line.includes("EXTEND_TIMEOUT_USEC="));
  expect(asked).toStrictEqual(
    Array<string>(4).fill(
      "STATUS=starting: taking over what an earlier daemon left EXTEND_TIMEOUT_USEC=120000000",
    ),
  );
  isOpen();
  clock.pass(10 * minute);
  await notifier.tell({ READY: "1" });
  expect(heard().slice(asked.length)).toStrictEqual(["STATUS=now", "READY=1"]);
});

test("a start that is soon over asks for nothing, and one that nobody hears does not count", async () => {
  const { notifier, heard } = hearing();
  const clock = new FakeClock();
  stretchStart(notifier, clock)();
  expect(clock.isAwaited).toBe(false);
  const unheard = Notifier.take({}, process.pid, () => undefined);
  stretchStart(unheard, clock);
  expect(clock.isAwaited).toBe(false);
  await notifier.tell({ READY: "1" });
  expect(heard()).toStrictEqual(["READY=1"]);
});
