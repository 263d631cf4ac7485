import { errorCode, isDiskFull, isOutOfDescriptors } from "../../base/system-error.ts";
import { failure, type Failure } from "../../domain/failure.ts";

/** Whether what is wrong is something that was given to a step, or something that it made. */
export type Side = "bad-input" | "bad-output";

const remedies: Readonly<Record<Side, string>> = {
  "bad-input": "see that the input is there, complete and readable for the user blutd runs as",
  "bad-output": "let the command write what the recipe says, inside the directory BLUT_OUT alone",
};

/** Something is wrong with a path outside the store. `what` goes on after the path. */
export function wrong(side: Side, path: string, what: string, retryable = false): Failure {
  return failure(side, `${path} ${what}`, remedies[side], { retryable, data: { path } });
}

/** What a failed system call means for a path outside; undefined for an error of another sort. */
export function wrongBy(side: Side, path: string, error: unknown): Failure | undefined {
  const code = errorCode(error);
  if (code === undefined || isDiskFull(error) || isOutOfDescriptors(error)) return undefined;
  const [what, retryable = false] = words[code] ?? [`cannot be read (${code})`];
  return wrong(side, path, what, retryable);
}

const words: Readonly<Record<string, readonly [what: string, retryable?: boolean]>> = {
  ENOENT: ["is not there"],
  ENOTDIR: ["is not there: something above it is a file"],
  EACCES: ["may not be read by the user blutd runs as"],
  EPERM: ["may not be read by the user blutd runs as"],
  ELOOP: ["is a link that leads in a circle"],
  ENAMETOOLONG: ["has too long a path"],
  EIO: ["cannot be read: the disk failed"],
  ESTALE: ["is gone from the server it is on", true],
};

/** What a failed system call in the artifact directory means; undefined for a bug of ours. */
export function failureFor(error: unknown): Failure | undefined {
  const code = errorCode(error);
  if (code === undefined || !(error instanceof Error) || !("syscall" in error)) return undefined;
  if (isDiskFull(error)) {
    return failure(
      "storage-full",
      "the disk that holds the artifacts is full, so nothing was kept",
      "free some room there, or let `blutctl cache prune --max-size` do it",
      { retryable: true, data: { code } },
    );
  }
  return failure(
    "storage-failed",
    `the artifact directory could not be read or written: ${error.message}`,
    "see that it belongs to the user blutd runs as, and look at the kernel's log for disk errors",
    { retryable: isOutOfDescriptors(error), data: { code } },
  );
}
