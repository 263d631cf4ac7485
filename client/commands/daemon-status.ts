import type { Command } from "commander";
import { statusView } from "../render/status-view.ts";
import type { Act } from "../verb.ts";

/** `status`, and the bare command: what runs, what waits and why, what the box has left. */
export function define(command: Command, act: Act): void {
  command.action(() => act(command, (session) => session.ask("daemon.status", {}, statusView)));
}
