import type { z } from "zod";
import type { Failure } from "../domain/failure.ts";
import type { Result } from "../domain/result.ts";
import type { Call } from "./call.ts";

/** What a method answers: its result, or an expected failure. Throwing is a bug. */
export type Answer<T> = Result<T, Failure> | Promise<Result<T, Failure>>;

/** A method ready to be called with validated parameters. */
export type Bound<C> = (context: C, call: Call) => Answer<unknown>;

/** A method as the dispatcher sees it, whatever its parameters are. */
export interface Method<C> {
  readonly name: string;
  readonly params: z.ZodType;
  /** Validates; a good input is bound to the body, so that no body ever sees a raw one. */
  bind(input: unknown): Result<Bound<C>, z.ZodError>;
}

/** Makes a {@link Method} of a schema and a body. */
export function createMethod<S extends z.ZodType, C>(
  name: string,
  params: S,
  body: (params: z.output<S>, context: C, call: Call) => Answer<unknown>,
): Method<C> {
  return {
    name,
    params,
    bind(input) {
      const parsed = params.safeParse(input);
      if (!parsed.success) return { ok: false, error: parsed.error };
      return { ok: true, value: (context, call) => body(parsed.data, context, call) };
    },
  };
}
