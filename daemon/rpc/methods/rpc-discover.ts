import { ok } from "../../domain/result.ts";
import { openRpcDocument } from "../../protocol/openrpc.ts";
import { define } from "../context.ts";

/** The method table as an OpenRPC document. */
export const rpcDiscover = define("rpc.discover", (_params, { build }) =>
  ok(openRpcDocument(build.stamp.version)),
);
