import { defineConfig } from "vitest/config";

/** What a test waits for may be late on a busy box; its own time limit is the bound. */
const patient = { poll: { timeout: 60_000 } };

/** The host project needs nothing of systemd; the system project fails, never skips, without one. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "host",
          include: ["test/**/*.test.ts"],
          exclude: ["test/system/**", "node_modules/**"],
          testTimeout: 30_000,
          expect: patient,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          testTimeout: 120_000,
          expect: patient,
          fileParallelism: false,
        },
      },
    ],
  },
});
