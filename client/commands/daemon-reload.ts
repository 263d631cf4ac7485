import type { Command } from "commander";
import { reloadLines } from "../render/reload.ts";
import type { Act } from "../verb.ts";

/** `reload`: put a changed blut.toml in force; a broken one changes nothing, and is told by the exit code. */
export function define(command: Command, act: Act): void {
  command.action(() => act(command, (session) => session.order("daemon.reload", {}, reloadLines)));
}
