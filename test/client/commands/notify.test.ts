import { afterEach, beforeEach, expect, test } from "vitest";
import { ClientRig } from "../../support/client-rig.ts";

let rig: ClientRig;
beforeEach(() => (rig = new ClientRig()));
afterEach(() => rig.close());

const failing = { way: "webhook", result: "failed", tries: 1, because: "it answered 500" } as const;

test("notify test shows what came of each way, and fails with one of them", async () => {
  const sent = { way: "command", result: "sent", tries: 1 } as const;
  await rig.daemon({ "notify.test": () => ({ outcomes: [sent, failing] }) });
  const { code, stdout } = await rig.run(["notify", "test"]);
  expect(code).toBe(78);
  expect(stdout).toBe("WAY      RESULT  WHY\ncommand  sent\nwebhook  failed  it answered 500\n");
});

test("notify test without any way says how to set one", async () => {
  await rig.daemon({ "notify.test": () => ({ outcomes: [] }) });
  const { code, stdout } = await rig.run(["notify", "test"]);
  expect(code).toBe(78);
  expect(stdout).toContain("[notify] of blut.toml");
});

test("notify list: words of a run cannot act on the terminal", async () => {
  const counts = { failure: 1, recovery: 0, hold: 0 };
  const notice = { id: "ntc_1", openedAt: 1000, counts, outcomes: [] };
  await rig.daemon({
    "notify.list": () => ({
      ways: [
        { way: "command", failures: 0 },
        { way: "webhook", failures: 3, since: 0, because: "it answered 500" },
      ],
      notices: [
        { ...notice, state: "open", title: "blut on box: 2 failures", text: "a: x\nb: y" },
        {
          ...{ ...notice, state: "over", overAt: 2000, outcomes: [failing] },
          ...{ title: "blut on box: enc failed", text: "failed: the command ended: \u001b[2J" },
        },
      ],
    }),
  });
  const { code, stdout } = await rig.run(["notify", "list"]);
  expect(code).toBe(0);
  const lines = stdout.split("\n").map((line) => line.trimEnd());
  expect(lines).toContain("command: no failure");
  expect(lines.find((line) => line.startsWith("webhook:"))).toMatch(
    /^webhook: has failed 3 times in a row for .*: it answered 500$/,
  );
  expect(stdout).toMatch(/waits +2 failures/);
  expect(stdout).toMatch(/webhook failed +enc failed: the command ended: \\x1b\[2J/);
});

test("metrics --prometheus prints what the daemon counts, and takes no run", async () => {
  await rig.daemon({ "daemon.metrics": () => ({ text: "# TYPE a gauge\na 1\n" }) });
  expect(await rig.run(["metrics", "--prometheus"])).toEqual({
    code: 0,
    stdout: "# TYPE a gauge\na 1\n",
    stderr: "",
  });
  expect((await rig.run(["metrics", "last", "--prometheus"])).code).toBe(2);
  const { code, stderr } = await rig.run(["metrics"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--prometheus");
});
