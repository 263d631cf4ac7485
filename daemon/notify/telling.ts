import os from "node:os";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { NotifyPolicy } from "../config/config.ts";
import type { BlutEvent } from "../domain/event.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/store.ts";
import { AdmissionWatch, type AdmissionStop } from "./admission-watch.ts";
import { Teller } from "./teller.ts";
import { openWays } from "./open-ways.ts";

/** What is told of, and what it is learnt from. */
export interface TellingParts {
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly policy: NotifyPolicy;
  readonly version: string;
  readonly busAddress: string;
  readonly lookAtAdmission: () => AdmissionStop | undefined;
}

const gatherMs = 2000;

/** Everything that tells people; no run ever waits for it. */
export class Telling {
  readonly teller: Teller;
  readonly #watch: AdmissionWatch;

  constructor(parts: TellingParts) {
    const { version } = parts;
    this.teller = new Teller({
      ...parts,
      ways: () => openWays({ ...parts, env: process.env }),
      gatherMs,
      sender: { host: os.hostname(), version },
    });
    this.#watch = new AdmissionWatch({
      ...parts,
      look: parts.lookAtAdmission,
      tellUnrecorded: (item) => {
        this.teller.tellUnrecorded(item);
      },
    });
  }

  start(): void {
    this.teller.start();
    this.#watch.start();
  }

  async stop(): Promise<void> {
    this.#watch.stop();
    await this.teller.stop();
  }
}

const outcomeSchema = z.object({ cause: z.literal("lost") });

/** How many attempts turned out to be lost after this event: what a daemon finds when it starts. */
export function lostSince({ events }: Store, seq: number): number {
  return events.sinceOf(["attempt.ended"], seq, 100_000).filter(isLost).length;
}

function isLost({ facts }: BlutEvent): boolean {
  return outcomeSchema.safeParse(facts["outcome"]).success;
}
