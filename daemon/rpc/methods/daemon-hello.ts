import { ok } from "../../domain/result.ts";
import { define } from "../context.ts";
import { buildView } from "../views/build-view.ts";

/** Who answers; a client of another build is told of in the log. */
export const daemonHello = define("daemon.hello", (client, { build, greeted }) => {
  greeted(client);
  return ok(buildView(build, build.stamp));
});
