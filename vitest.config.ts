import { defineConfig } from "vitest/config";

/** The host project needs nothing of systemd; the system project fails, never skips, without one. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "host",
          include: ["test/**/*.test.ts"],
          exclude: ["test/system/**", "node_modules/**"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
