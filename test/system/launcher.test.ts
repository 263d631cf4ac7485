import { describe } from "vitest";
import { launcherSuite } from "../contract/launcher-suite.ts";

describe("systemd launcher", () => {
  launcherSuite("systemd");
});
