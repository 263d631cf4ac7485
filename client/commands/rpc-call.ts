import type { Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { exitCodeOfRefusal } from "../exit-code.ts";
import { addExamples } from "../help-text.ts";
import { usage } from "../refusal.ts";
import type { Act } from "../verb.ts";

/** `rpc`: call a method of the socket by hand; stdout is its result as one JSON value. */
export function define(command: Command, act: Act): void {
  command.description("Call a method of the daemon's socket by hand; blutd-rpc(7) has them all.");
  addExamples(
    command,
    "blutctl rpc run.list '{\"limit\":3}'",
    "blutctl rpc rpc.discover > openrpc.json",
  );
  command
    .argument("<method>", "such as run.list; `blutctl rpc rpc.discover` describes them all")
    .argument("[json]", "its parameters, or - to read them from standard input", "{}")
    .action((method: string, json: string) =>
      act(command, async (session) => {
        const text = json === "-" ? await session.around.readInput() : json;
        const params = parse(text);
        if (params === undefined) {
          const message = "the parameters are not JSON";
          return session.refuse(usage(message, `such as: blutctl rpc run.get '{"run":"last"}'`));
        }
        const connection = await session.link.open();
        if (!connection.ok) return session.refuse(connection.error);
        const answer = await connection.value.callAny(method, params);
        if (!answer.ok) {
          // In the words of the wire, which are what was typed here.
          session.output.refuse(answer.error);
          return exitCodeOfRefusal(answer.error.reason);
        }
        session.output.value(answer.value);
        return exitCodes.success.code;
      }),
    );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
