import {
  readCpuMs,
  readMemoryEvents,
  readNeed,
  readPeakBytes,
  type MemoryEvents,
  type MemoryReading,
} from "../../systemd/cgroup.ts";
import type { MemorySample } from "../peak-meter.ts";
import type { Peaks } from "../../domain/attempt.ts";
import type { PeakMeter } from "../peak-meter.ts";

const noEvents: MemoryEvents = { high: 0, max: 0, oom: 0, oomKill: 0 };

/** A reading of an attempt's slice while it lives; undefined when it is gone or cannot be read. */
export function readSample(sliceDirectory: string): (MemorySample & MemoryReading) | undefined {
  // The mark first: what rises after it is seen again by the next reading.
  const peakBytes = readPeakBytes(sliceDirectory);
  const need = readNeed(sliceDirectory);
  if (typeof need === "string") return undefined;
  // A kernel before 5.19 has no mark; then the samples are all there is.
  return { peakBytes: typeof peakBytes === "number" ? peakBytes : 0, ...need };
}

/** What the kernel did to the attempt; nothing when its slice is gone. */
export function readEvents(sliceDirectory: string): MemoryEvents {
  const events = readMemoryEvents(sliceDirectory);
  return typeof events === "string" ? noEvents : events;
}

/** All figures of an ended attempt, from its slice and what was sampled before. */
export function readPeaks(sliceDirectory: string, meter: PeakMeter, leftovers: number): Peaks {
  const events = readEvents(sliceDirectory);
  const sample = readSample(sliceDirectory);
  const cpuMs = readCpuMs(sliceDirectory);
  const measured = meter.finish({
    ...(sample !== undefined && sample.peakBytes > 0 && { peakBytes: sample.peakBytes }),
    fileBytes: sample?.fileBytes ?? 0,
    max: events.max,
    oom: events.oom,
  });
  return {
    ...measured,
    oomEvents: events.oom,
    oomKills: events.oomKill,
    ...(typeof cpuMs === "number" && { cpuUsageUsec: Math.round(cpuMs * 1000) }),
    leftovers,
  };
}
