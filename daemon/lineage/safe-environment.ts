/** Variables that decide what a program does and hold no secret by their nature. */
const told =
  /^(?:PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ|VIRTUAL_ENV|CONDA_(?:DEFAULT_ENV|PREFIX|PYTHON_EXE|SHLVL)|PYTHON[A-Z]+|LD_LIBRARY_PATH|CUDA_[A-Z_]+|NVIDIA_VISIBLE_DEVICES|(?:HIP|ROCR)_VISIBLE_DEVICES|(?:OMP|MKL|OPENBLAS|NUMEXPR|VECLIB)_[A-Z_]+|TF_[A-Z_]+|TORCH_[A-Z_]+|XLA_FLAGS|JAX_[A-Z_]+|NODE_OPTIONS|R_LIBS(?:_[A-Z]+)?|JULIA_[A-Z_]+)$/;

/** Names that say themselves that the value is nobody's business. */
const secretName =
  /PASS(?:WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIAL|PRIVATE|AUTH|COOKIE|SESSION|(?:API|ACCESS|SIGNING|ENCRYPTION|SSH)_?KEY|KEY$|_PWD$|DSN/i;

/** Values that give themselves away: keys by their known beginnings, a password inside an address, PEM. */
const secretValue =
  /\b(?:sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abposr]|hf|npm|pypi|AKIA|ASIA|AIza|ya29|eyJ)[-_A-Za-z0-9.]{12,}|:\/\/[^/\s:@]*:[^/\s@]+@|-----BEGIN /;

/** What stands in the place of a value that is not told. */
export const redacted = "(not recorded)";

/** Longest value that is kept whole; a path of a thousand directories tells nobody more. */
const longest = 4096;

/** The part of an environment that may be kept: known names only, and none whose value is a secret. */
export function safeEnvironment(
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const named = Object.entries(environment).filter(([name]) => told.test(name));
  return withoutSecrets(Object.fromEntries(named));
}

/** Variables with every value that is, or may be, a secret left out by name. */
export function withoutSecrets(
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [
        name,
        looksSecret(name, value) ? redacted : value.slice(0, longest),
      ]),
  );
}

function looksSecret(name: string, value: string): boolean {
  return secretName.test(name) || secretValue.test(value);
}
