import { verbGroup } from "../verb-group.ts";
import * as check from "./schedule-check.ts";
import * as disable from "./schedule-disable.ts";
import * as enable from "./schedule-enable.ts";
import * as exportTimer from "./schedule-export-timer.ts";
import * as fire from "./schedule-fire.ts";
import * as get from "./schedule-get.ts";
import * as list from "./schedule-list.ts";
import * as next from "./schedule-next.ts";

/** `schedule`: what is started by the clock. */
export const define = verbGroup([
  { name: "list", summary: "every schedule: next, last, history", define: list.define },
  { name: "show", summary: "one schedule, its rules and its history", define: get.define },
  { name: "next", summary: "the instants that come next", define: next.define },
  { name: "fire", summary: "start it now; stdout is the run id alone", define: fire.define },
  { name: "enable", summary: "let it fire again, also after a pause", define: enable.define },
  { name: "disable", summary: "let it rest until it is enabled", define: disable.define },
  {
    name: "export-timer",
    summary: "the same as a timer and a service of systemd",
    define: exportTimer.define,
  },
  { name: "check", summary: "every problem at once, with line and column", define: check.define },
]);
