import type { Clock } from "../base/clock.ts";
import type { NotifyPolicy } from "../config/config.ts";
import { CommandWay } from "./ways/command-way.ts";
import { DesktopWay } from "./ways/desktop-way.ts";
import type { Way } from "./ways/way.ts";
import { WebhookWay } from "./ways/webhook-way.ts";

/** What the ways need of the box. */
export interface WayParts {
  readonly policy: NotifyPolicy;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly busAddress: string;
  readonly version: string;
}

/** The ways that the configuration names. */
export function openWays({ policy, clock, env, busAddress, version }: WayParts): readonly Way[] {
  const { command, webhook, desktop, timeoutMs } = policy;
  return [
    ...(command === undefined ? [] : [new CommandWay({ argv: command, timeoutMs, clock, env })]),
    ...(webhook === undefined ? [] : [new WebhookWay({ ...webhook, timeoutMs, clock, version })]),
    ...(desktop ? [new DesktopWay({ address: busAddress, timeoutMs, clock })] : []),
  ];
}
