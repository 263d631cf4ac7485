import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * From now on something happens to these system calls of a process's main thread, as strace's `inject`
 * has it: `signal=KILL:when=3`. Answers how to let go.
 */
export async function injectInto(
  pid: number,
  calls: string,
  what: string,
): Promise<() => Promise<void>> {
  const rules = ["-e", `trace=${calls}`, "-e", `inject=${calls}:${what}`];
  const strace = spawn("strace", ["-o", "/dev/null", ...rules, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const over = once(strace, "exit");
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: strace.stderr }).on("line", (line) => {
      if (line.includes("attached")) resolve();
      else if (line.includes("strace:")) reject(new Error(line));
    });
    strace.once("error", reject);
  });
  return async () => {
    strace.kill();
    await over;
  };
}
