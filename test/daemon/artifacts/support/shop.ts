import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { ArtifactStore } from "../../../../daemon/artifacts/artifact-store.ts";
import { Digester } from "../../../../daemon/artifacts/digester.ts";
import { Upkeep } from "../../../../daemon/artifacts/upkeep.ts";
import { WorkPool } from "../../../../daemon/artifacts/work-pool.ts";
import { removeTree } from "../../../../daemon/artifacts/work/remove-tree.ts";
import { systemClock } from "../../../../daemon/base/clock.ts";
import type { Artifact } from "../../../../daemon/domain/artifact.ts";
import type { Store } from "../../../../daemon/store/store.ts";
import { keep as write, unwrap } from "../../store/support/rows.ts";
import { openStore } from "../../store/support/scratch.ts";

/** Files by their paths; a program where the content is one. */
export type Files = Readonly<Record<string, string | { readonly program: string }>>;

/** A directory of this test's own, gone when it ends, read-only trees in it included. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "blut-artifacts-"));
  onTestFinished(() => {
    removeTree(directory);
  });
  return directory;
}

/** Writes files under a directory, in this order. */
export function lay(directory: string, files: Files): string {
  mkdirSync(directory, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : content.program);
    chmodSync(file, typeof content === "string" ? 0o644 : 0o755);
  }
  return directory;
}

/** An artifact store with all that works on it, real and in this process. */
export class Shop {
  readonly directory = scratch();
  readonly store: Store = openStore();
  readonly pool = new WorkPool(systemClock);
  readonly artifacts: ArtifactStore;
  readonly digester: Digester;
  readonly upkeep: Upkeep;
  #outputs = 0;

  /** `aheadMs`: the digester's clock is ahead by so much, so that what was just written is old to it. */
  constructor({ aheadMs = 0 } = {}) {
    const { store, pool } = this;
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    mkdirSync(this.place, { mode: 0o700 });
    this.artifacts = new ArtifactStore(this.place, pool, clock);
    this.digester = new Digester({ store, pool, clock });
    this.upkeep = new Upkeep({ store, artifacts: this.artifacts, pool, clock });
    onTestFinished(() => pool.stop());
  }

  get place(): string {
    return join(this.directory, "artifacts");
  }

  /** A new output directory with these files. */
  output(files: Files): string {
    return lay(join(this.directory, `out-${++this.#outputs}`), files);
  }

  /** Keeps these files as an artifact, and removes where they were. */
  async keep(files: Files): Promise<Artifact> {
    const outDir = this.output(files);
    const kept = unwrap(await this.artifacts.keep(outDir, { files: [] }));
    unwrap(await this.artifacts.discard(outDir));
    return kept;
  }

  /** The same, and puts it on record as used at this instant. */
  async record(files: Files, usedAt: number): Promise<Artifact> {
    const kept = await this.keep(files);
    await this.put(kept, usedAt);
    // The store would wait for a record that is no older than what it made.
    this.artifacts.isFresh(kept.digest, Infinity);
    return kept;
  }

  put(artifact: Artifact, usedAt: number): Promise<void> {
    return write(this.store, () => {
      this.store.artifacts.put(artifact, usedAt);
    });
  }
}
