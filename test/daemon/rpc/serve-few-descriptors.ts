import { createInterface } from "node:readline";
import { z } from "zod";
import { systemClock } from "../../../daemon/base/clock.ts";
import { ok } from "../../../daemon/domain/result.ts";
import { Dispatcher } from "../../../daemon/rpc/dispatch.ts";
import { createMethod } from "../../../daemon/rpc/method.ts";
import { SocketServer } from "../../../daemon/rpc/server.ts";
import { KeptLog } from "./kept-log.ts";

/** Serves an echo on the path given and, told so on stdin, says how it fares; fault 29 runs it. */
const path = process.argv[2] ?? "";
const log = new KeptLog();
const say = createMethod("echo.say", z.strictObject({ text: z.string() }), ({ text }) => ok(text));
const server = new SocketServer(new Dispatcher([say], undefined, log), log, systemClock);
const listening = await server.listen(path);
process.stdout.write(listening.ok ? "serving\n" : `${listening.error.message}\n`);

const observedMs = 500;
createInterface({ input: process.stdin }).on("line", (order) => {
  if (order === "connections") {
    process.stdout.write(`${server.connections}\n`);
  } else if (order === "cpu") {
    const before = process.cpuUsage();
    setTimeout(() => {
      const { user, system } = process.cpuUsage(before);
      process.stdout.write(`${Math.round((user + system) / 1000)}\n`);
    }, observedMs);
  } else {
    const look = (): void => {
      if (server.connections === 0) process.stdout.write("empty\n");
      else setImmediate(look);
    };
    look();
  }
});
