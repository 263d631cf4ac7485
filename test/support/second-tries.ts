import type { Reporter, TestModule } from "vitest/node";

/**
 * Names the tests that came right at their second try only. On a machine that is shared, one test in
 * thousands may meet a moment that nobody foresaw; the run goes on, and the test is a bug to mend.
 */
export class SecondTries implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (test.diagnostic()?.flaky !== true) continue;
        process.stderr.write(`SECOND TRY: ${module.relativeModuleId} > ${test.fullName}\n`);
      }
    }
  }
}
