declare const brand: unique symbol;

/** `run_` and 12 characters of Crockford base 32, sorting by creation. */
export type RunId = string & { readonly [brand]: "run" };
/** `att_` and 12 characters of Crockford base 32, sorting by creation; names the attempt's units. */
export type AttemptId = string & { readonly [brand]: "attempt" };

const body = "[0-9a-hjkmnp-tv-z]{12}";
const runPattern = new RegExp(`^run_${body}$`);
const attemptPattern = new RegExp(`^att_${body}$`);

/** Tells whether a text is a whole run id. */
export function isRunId(text: string): text is RunId {
  return runPattern.test(text);
}

/** Tells whether a text is a whole attempt id; only such texts ever become unit names. */
export function isAttemptId(text: string): text is AttemptId {
  return attemptPattern.test(text);
}
