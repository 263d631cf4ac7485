import { readFileSync } from "node:fs";
import type { Logger } from "pino";
import { OwnBuild, rootOf } from "../base/build/own-build.ts";
import { isSameBuild, stampText, type VersionStamp } from "../domain/version-stamp.ts";
import type { RunningBuild } from "../rpc/context.ts";

/** More builds of clients than anybody has; past that nobody is told of. */
const mostClients = 16;

/** What this daemon was made from. */
export function ownBuild(): OwnBuild {
  return new OwnBuild(rootOf(import.meta.url));
}

/** The build of a running daemon; `onMoved` hears each time that its files have become something else. */
export function watchedBuild(
  own: OwnBuild,
  onMoved: (facts: { readonly runs: string; readonly onDisk: string }) => void,
): RunningBuild {
  let told = "";
  return {
    stamp: own.stamp,
    whole: () => own.whole(),
    movedTo: () => {
      const found = own.movedTo();
      const text = found === undefined ? "" : stampText(found);
      if (text !== "" && text !== told) onMoved({ runs: stampText(own.stamp), onDisk: text });
      told = text;
      return found;
    },
    restart: restartCommand(readFileSync("/proc/self/cgroup", "utf8")),
  };
}

/** Says once for each build of clients that is not ours, in the log. */
export function clientGreeter(own: VersionStamp, logger: Logger): (client: VersionStamp) => void {
  const seen = new Set<string>();
  return (client) => {
    const text = stampText(client);
    if (isSameBuild(client, own) || seen.has(text) || seen.size >= mostClients) return;
    seen.add(text);
    logger.warn({ client: text, own: stampText(own) }, "a client is of another build");
  };
}

/** How one types the restart of a daemon that is in this cgroup: as a unit, or as it was started. */
export function restartCommand(cgroup: string): string {
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1] ?? "";
  if (!path.endsWith("/blutd.service")) return "end blutd (SIGTERM) and start it again";
  const isOfUser = path.includes("/user@");
  return `systemctl ${isOfUser ? "--user " : ""}restart blutd`;
}
