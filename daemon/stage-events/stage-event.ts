import type { MetricValue } from "../domain/metric.ts";

/** One thing that a stage said. `at` is epoch ms by its own clock; `step` counts as the stage counts. */
export type StageEvent = { readonly at?: number } & (
  | { readonly type: "heartbeat" }
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total?: number;
      readonly message?: string;
    }
  | {
      readonly type: "metric";
      readonly name: string;
      readonly value: MetricValue;
      readonly step?: number;
    }
  /** `file` as the stage named it: nothing is known of it yet. */
  | { readonly type: "checkpoint"; readonly file: string; readonly step?: number }
  | { readonly type: "artifact"; readonly name: string; readonly path: string }
  /** Of a type that this daemon does not know. */
  | { readonly type: "unknown"; readonly name: string }
);

/** What is wrong with a line of an event file; test/data/wire/README.md has the rules. */
export const lineReasons = [
  "too-long",
  "not-utf8",
  "not-json",
  "not-object",
  "no-type",
  "bad-field",
  "cut-short",
] as const;

/** A line that says nothing; `field` where one field is to blame. */
export interface LineProblem {
  readonly reason: (typeof lineReasons)[number];
  readonly field?: string;
}

/** What one line is. */
export type LineVerdict =
  | { readonly kind: "event"; readonly event: StageEvent }
  | { readonly kind: "problem"; readonly problem: LineProblem }
  | { readonly kind: "blank" };

/** Most bytes of a line, its newline not counted. */
export const longestLineBytes = 64 * 1024;
