import type { Command } from "commander";
import { addExamples } from "../help-text.ts";
import { statusView } from "../render/status-view.ts";
import type { Act } from "../verb.ts";

/** `status`, and the bare command: what runs, what waits and why, what the box has left. */
export function define(command: Command, act: Act): void {
  command.description(
    "Show the box at a glance: what runs, what waits and why, what ended last, and what memory is left to give.",
  );
  addExamples(command, "blutctl", "blutctl status --json");
  command.action(() => act(command, (session) => session.ask("daemon.status", {}, statusView)));
}
