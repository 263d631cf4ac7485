import { createServer } from "node:net";
import { sleep, type Clock } from "../../base/clock.ts";
import type { Failure } from "../../domain/failure.ts";
import { encodeFrame } from "../../protocol/framing.ts";
import { failed } from "../../rpc/answers.ts";

/** Everybody who waits already is heard in the first turn; this is for a box that is out of breath. */
const listenMs = 200;

/**
 * Tells those who wait at systemd's socket why this daemon will not start. Without an answer they would wait
 * on, and systemd would start it again for them until it gives up the socket.
 */
export async function refuseClients(given: number, because: Failure, clock: Clock): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    // Closed only when the client has: one whose question found nobody would not read the answer.
    socket.resume().end(encodeFrame(failed(null, because)) ?? "");
  });
  server.on("error", () => undefined);
  server.listen({ fd: given });
  await sleep(clock, listenMs);
  const closed = new Promise((resolve) => server.close(resolve));
  await Promise.race([closed, sleep(clock, listenMs)]);
}
