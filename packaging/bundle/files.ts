import type { RolldownOutput } from "rolldown";

/** The source files that a bundle is made of. */
export function filesOf(output: RolldownOutput["output"]): string[] {
  return output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
}
