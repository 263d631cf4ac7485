import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The file of a program of ours that lies beside the module which asks: TypeScript as that is in a checkout,
 * JavaScript in a package, where both were bundled into one directory.
 */
export function ownProgram(name: string, moduleUrl: string): string {
  const asking = fileURLToPath(moduleUrl);
  return path.join(path.dirname(asking), `${name}${path.extname(asking)}`);
}
