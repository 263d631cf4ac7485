import { readFileSync } from "node:fs";
import os from "node:os";
import type { GpuDevice } from "../domain/gpu.ts";
import type { HostRecord } from "../domain/lineage.ts";
import { askProgram } from "../base/outside-program.ts";

const bounds = { timeoutMs: 5000, maxBytes: 64 * 1024 };

/** What the daemon knows of the box already. */
export interface KnownOfHost {
  readonly memoryBytes: number;
  readonly gpus: readonly GpuDevice[];
  readonly nvidiaDriver?: string | undefined;
  readonly blut: string;
}

/** The machine as results remember it; found out once at a start. */
export async function hostRecord(known: KnownOfHost): Promise<HostRecord> {
  const cpu = os.cpus()[0]?.model.trim();
  const name = osName(textOf("/etc/os-release"));
  const systemd = await systemdVersion();
  return {
    name: os.hostname(),
    ...(cpu !== undefined && cpu !== "" && { cpu }),
    cores: os.availableParallelism(),
    memoryBytes: known.memoryBytes,
    gpus: known.gpus.map(({ name: model, vramBytes }) => ({ name: model, vramBytes })),
    ...(name !== undefined && { os: name }),
    kernel: os.release(),
    ...(systemd !== undefined && { systemd }),
    drivers: known.nvidiaDriver === undefined ? {} : { nvidia: known.nvidiaDriver },
    node: process.versions.node,
    blut: known.blut,
  };
}

/** `PRETTY_NAME` of an os-release file. */
export function osName(text: string | undefined): string | undefined {
  const value = /^PRETTY_NAME=(?:"([^"\n]*)"|([^"\n]*))$/m.exec(text ?? "");
  const name = value?.[1] ?? value?.[2];
  return name === undefined || name === "" ? undefined : name.slice(0, 200);
}

async function systemdVersion(): Promise<string | undefined> {
  const asked = await askProgram(["systemctl", "--version"], bounds);
  return asked.ok ? /^systemd (\S{1,64})/.exec(asked.value)?.[1] : undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
