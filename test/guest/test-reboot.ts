import { bootTwice } from "./two-boots.ts";

/**
 * fault 6: a real power cut. Two boots on one disk: the first is switched off while work is queued, runs
 * and has ended; the second must find all of it. The guest's half is test/system-reboot/halves.ts.
 *
 *     node test/guest/test-reboot.ts [--suite NAME]
 */
const options = ["--timeout", "120", ...process.argv.slice(2)];
process.exitCode = bootTwice("test/system-reboot/halves.ts", options);
