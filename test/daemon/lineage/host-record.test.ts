import { expect, it } from "vitest";
import { hostRecord, osName } from "../../../daemon/lineage/host-record.ts";

it("names the machine, what it has, and every version that matters", async () => {
  const gpu = { index: 0, name: "A100", vramBytes: 1000, budgetBytes: 850 };
  const record = await hostRecord({
    memoryBytes: 2000,
    gpus: [gpu],
    nvidiaDriver: "550.54",
    blut: "1.2.3",
  });
  expect(record).toMatchObject({
    memoryBytes: 2000,
    gpus: [{ name: "A100", vramBytes: 1000 }],
    drivers: { nvidia: "550.54" },
    node: process.versions.node,
    blut: "1.2.3",
  });
  expect(record.cores).toBeGreaterThan(0);
  expect(record.kernel).toMatch(/^\d+\.\d+/);
});

it.each([
  [
    'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "Debian GNU/Linux 12 (bookworm)",
  ],
  ["PRETTY_NAME=Arch\n", "Arch"],
  ["NAME=x\n", undefined],
  [undefined, undefined],
])("the system's name: %j", (text, name) => {
  expect(osName(text)).toBe(name);
});
