import type { VersionStamp } from "../../domain/version-stamp.ts";
import type { MethodResult } from "../../protocol/methods.ts";
import { protocolVersion } from "../../protocol/version.ts";
import type { RunningBuild } from "../context.ts";

/** The daemon's build as the wire has it; `stamp` may know more than what a start reads. */
export function buildView(build: RunningBuild, stamp: VersionStamp): MethodResult<"daemon.hello"> {
  const onDisk = build.movedTo();
  return {
    ...stamp,
    protocol: protocolVersion,
    ...(onDisk !== undefined && { onDisk }),
    restart: build.restart,
  };
}
