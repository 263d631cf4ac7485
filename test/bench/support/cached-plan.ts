import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "../../../daemon/artifacts/artifact-store.ts";
import { WorkPool } from "../../../daemon/artifacts/work-pool.ts";
import { systemClock } from "../../../daemon/base/clock.ts";
import { digestOf } from "../../../daemon/base/digest.ts";
import { IdSource } from "../../../daemon/base/id-source.ts";
import type { Plan, Step } from "../../../daemon/domain/plan.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { keyPartsOf } from "../../../daemon/executor/resolving/key-parts.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { aPlan } from "../../support/plans.ts";

/** A step that reads what another left, and leaves the like. */
function link(
  name: string,
  after: string | undefined,
  needs: readonly string[] = [],
): Partial<Step> {
  return {
    name,
    stage: { name, version: "1" },
    argv: ["/bin/true"],
    cache: "use",
    needs: [...new Set([...(after === undefined ? [] : [after]), ...needs])],
    inputs: after === undefined ? {} : { x: { kind: "text", from: { step: after } } },
    output: { kind: "text", files: [] },
  };
}

/** Each step reads what the one before it left. */
export function chain(steps: number): Plan {
  const [first = {}, ...others] = Array.from({ length: steps }, (_, i) =>
    link(`chain-${i}`, i === 0 ? undefined : `chain-${i - 1}`),
  );
  return aPlan(first, ...others);
}

/** All but the first read what that left, and the last comes after all of them. */
export function fan(steps: number): Plan {
  const middle = Array.from({ length: steps - 2 }, (_, i) => `fan-${i}`);
  const rays = middle.map((name) => link(name, "root"));
  return aPlan(link("root", undefined), ...rays, link("join", "root", middle));
}

/** Puts the result of every step of these plans into the cache: one small artifact for all of them. */
export async function fillCache(
  store: Store,
  artifactsDir: string,
  plans: readonly Plan[],
): Promise<void> {
  mkdirSync(artifactsDir, { recursive: true, mode: 0o700 });
  const pool = new WorkPool(systemClock);
  const out = mkdtempSync(join(tmpdir(), "blut-bench-out-"));
  writeFileSync(join(out, "result.txt"), "the same for all");
  const kept = await new ArtifactStore(artifactsDir, pool, systemClock).keep(out, { files: [] });
  await pool.stop();
  if (!kept.ok) throw new Error(kept.error.message);
  const artifact = kept.value;
  const runId = new IdSource(systemClock).runId();
  const use = { digest: artifact.digest, kind: "text" };
  const written = await store.write(() => {
    const createdAt = systemClock.now();
    store.artifacts.put(artifact, createdAt);
    for (const step of plans.flatMap((plan) => plan.steps)) {
      const inputs = Object.fromEntries(Object.keys(step.inputs).map((name) => [name, use]));
      const parts = keyPartsOf(step, "", inputs);
      const made = { ...use, artifact: use.digest, stepLabel: `/${step.name}`, parts, runId };
      store.cache.put({ ...made, key: digestOf(parts), step: step.name, tookMs: 1, createdAt });
    }
    return ok(undefined);
  });
  if (!written.ok) throw new Error(written.error.message);
}
