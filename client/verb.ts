import type { Command } from "commander";
import type { Session } from "./session.ts";

/** Gives a verb its session as its options say, and takes the exit code it ends with. */
export type Act = (command: Command, work: (session: Session) => Promise<number>) => Promise<void>;

/** Finds another verb by its name or alias, with everything it takes; for help and completion. */
export type FindVerb = (name: string) => Promise<Command | undefined>;

/** What a verb's file exports: declares options and arguments, and what is done with them. */
export type DefineVerb = (command: Command, act: Act, find: FindVerb) => void;

/** One verb as the program lists it; its file is loaded only when it is used. */
export interface Verb {
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  readonly group: string;
  readonly load: () => Promise<{ readonly define: DefineVerb }>;
}
