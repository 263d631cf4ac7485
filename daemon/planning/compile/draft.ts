import type { Step } from "../../domain/plan.ts";

/** A step of one point, before points are put together; it names other steps as its recipe does. */
export interface StepDraft {
  readonly step: Step;
  /** Inputs that take the artifacts of all points as one list; with any, there is one step for all points. */
  readonly gather: readonly string[];
  /** All points share one step even without such inputs. */
  readonly isGathering: boolean;
}

/** One configuration and what it comes to. */
export interface PointDraft {
  readonly drafts: readonly StepDraft[];
}
