import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Shop } from "./support/shop.ts";

/** Sweeps an artifact directory over and over, as prunings of other runs may at any moment. */
async function sweeping(directory: string): Promise<void> {
  const program = join(import.meta.dirname, "support/sweeper.ts");
  const child = spawn(process.execPath, [program, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  await once(child.stdout, "data");
}

test("a sweep while outputs are kept takes nothing that they are just being made of", async () => {
  const shop = new Shop();
  await sweeping(shop.artifacts.place.directory);
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`f${n}`, `${n}`]));
  for (let round = 0; round < 3; round++) {
    const outDir = shop.output({ ...files, round: `${round}` });
    // A file of two names is copied, and its copy has no other name until the artifact has it.
    for (const name of Object.keys(files)) linkSync(join(outDir, name), join(outDir, `${name}.b`));
    const kept = await shop.artifacts.keep(outDir, { files: [] });
    expect(kept).toMatchObject({ ok: true, value: { files: 401 } });
    if (kept.ok) await shop.artifacts.remove(kept.value.digest);
    await shop.artifacts.discard(outDir);
  }
});
