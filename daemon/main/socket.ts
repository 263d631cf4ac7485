import type { Logger } from "pino";
import { systemClock } from "../base/clock.ts";
import type { Failure } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import type { RpcContext } from "../rpc/context.ts";
import { Dispatcher } from "../rpc/dispatch.ts";
import { allMethods } from "../rpc/methods/all.ts";
import { SocketServer } from "../rpc/server.ts";

/**
 * Serves every method on the socket at `path`, which systemd may have made already (`given`); answers the
 * running server, or why it cannot serve.
 */
export async function openSocket(
  path: string,
  context: RpcContext,
  logger: Logger,
  given?: number,
): Promise<Result<SocketServer, Failure>> {
  const dispatcher = new Dispatcher(allMethods, context, logger);
  const server = new SocketServer(dispatcher, logger, systemClock);
  const bound = await server.listen(path, given);
  return bound.ok ? ok(server) : bound;
}
