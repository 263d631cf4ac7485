import { describe } from "vitest";
import { launcherSuite } from "./launcher-suite.ts";

describe("polling launcher", () => {
  launcherSuite("polling");
});
