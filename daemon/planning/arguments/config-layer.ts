import path from "node:path";
import type { Problem } from "../../domain/problem.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { placing } from "../recipe/problem-at.ts";
import { readToml } from "../recipe/read-recipe.ts";
import type { ConfigLayer } from "./points.ts";

/** Reads a TOML file of arguments, at its top or under `[args]` as in a recipe. */
export function readConfigLayer(
  text: string,
  file: string,
): Result<ConfigLayer, readonly Problem[]> {
  const toml = readToml(text);
  if (!toml.ok) return err([toml.error]);
  const { args } = toml.value;
  const isSection = typeof args === "object" && args !== null && !Array.isArray(args);
  const problemAt = placing(text);
  return ok({
    directory: path.dirname(file),
    values: isSection ? { ...(args as Record<string, unknown>) } : toml.value,
    placeOf: (key) => {
      const { line, column } = problemAt(isSection ? ["args", key] : [key], "");
      return line === undefined ? file : `${file}:${line}:${column ?? 1}`;
    },
  });
}
