import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { Params } from "../../daemon/protocol/methods.ts";
import type { Result } from "../../daemon/protocol/units.ts";
import { addExamples } from "../help-text.ts";
import { unreadable, usage, type Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";
import type { Act } from "../verb.ts";

type Document = Params<"calibration.import">["document"];

/** `calibration import`: merge a document of `calibration export` into what is known. */
export function define(command: Command, act: Act): void {
  command.description("Merge such a document in, as from another box.");
  addExamples(command, "blutctl calibration import known.json");
  command.argument("<file>", "the document, or - for standard input").action((file: string) =>
    act(command, async (session) => {
      const document = await readDocument(session, file);
      if (!document.ok) return session.refuse(document.error);
      return session.order("calibration.import", { document: document.value }, (result) => {
        const refused = result.rejected === 0 ? "" : `, ${result.rejected} refused as impossible`;
        return `${result.merged} keys merged${refused}.`;
      });
    }),
  );
}

/** Reads the document as far as JSON goes; what is in it, the daemon judges. */
async function readDocument(session: Session, file: string): Promise<Result<Document, Refusal>> {
  try {
    const text = file === "-" ? await session.around.readInput() : await readFile(file, "utf8");
    return { ok: true, value: JSON.parse(text) as Document };
  } catch (thrown) {
    const remedy = "give a file that `blutctl calibration export` wrote";
    const error =
      thrown instanceof SyntaxError
        ? usage(`${file} is not JSON: ${thrown.message}`, remedy)
        : unreadable(file, thrown, remedy);
    return { ok: false, error };
  }
}
