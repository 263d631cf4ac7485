import { stripVTControlCharacters } from "node:util";
import { readLogPage } from "../base/logs/log-file.ts";

/** So much of a log's end is looked at, and so much of its last line shown. */
const tailBytes = 4096;
const longest = 240;

/** The last line of a log that says anything; undefined when there is none, or the file is not ours. */
export async function lastLine(log: string): Promise<string | undefined> {
  const page = await readLogPage(log, -tailBytes, tailBytes);
  if (page === undefined) return undefined;
  const text = Buffer.from(page.bytes).toString("utf8");
  const line = text
    // A bar of progress overwrites itself.
    .split(/[\r\n]+/)
    .findLast((each) => each.trim() !== "");
  return line && stripVTControlCharacters(line).trim().slice(0, longest).toWellFormed();
}
