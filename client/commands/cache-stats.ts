import type { Command } from "commander";
import { cacheCard } from "../render/cache.ts";
import type { Act } from "../verb.ts";

/** `cache stats`: what is kept, what it takes, what it saved. */
export function define(command: Command, act: Act): void {
  command.description("Show what is kept of finished work, what it takes, and what it saved.");
  command.action(() => act(command, (session) => session.ask("cache.stats", {}, cacheCard)));
}
