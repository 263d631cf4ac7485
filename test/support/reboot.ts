import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Rig, RigOptions } from "./rig.ts";

/** Makes the next daemon of a rig believe that the machine was restarted. */
export function afterReboot(rig: Rig): Partial<RigOptions> {
  const file = path.join(rig.directory, "boot_id");
  writeFileSync(file, "00000000-1111-2222-3333-444444444444\n");
  const mount = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
  const unshare = process.getuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-rm"];
  return { wrapper: [...unshare, "sh", "-c", mount, file] };
}
