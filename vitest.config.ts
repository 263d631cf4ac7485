import { defineConfig } from "vitest/config";
import { SecondTries } from "./test/support/second-tries.ts";

/** What a test waits for may be late on a busy box; its own time limit is the bound. */
const patient = { poll: { timeout: 60_000 } };

/** The host project needs nothing of systemd; the system project fails, never skips, without one. */
export default defineConfig({
  test: {
    reporters: ["default", new SecondTries()],
    projects: [
      {
        test: {
          name: "host",
          include: ["test/**/*.test.ts"],
          exclude: ["test/system/**", "test/system-box/**", "test/browser/**", "node_modules/**"],
          testTimeout: 30_000,
          expect: patient,
          retry: 1,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          // The browser is built once.
          hookTimeout: 1_200_000,
          expect: patient,
          retry: 1,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          testTimeout: 120_000,
          expect: patient,
          retry: 1,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "box",
          include: ["test/system-box/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          expect: patient,
          retry: 1,
          fileParallelism: false,
        },
      },
    ],
  },
});
