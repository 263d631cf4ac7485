import { constants, type Stats } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { isOwnFile, ownFileFlags } from "../base/own-file.ts";
import { errorCode, isDiskFull, isOutOfDescriptors } from "../base/system-error.ts";

/** How an append went. `later`: the box has no room just now. `never`: the file is none of ours. */
export type Appended =
  { readonly kind: "done" } | { readonly kind: "later" | "never"; readonly why: string };

const done: Appended = { kind: "done" };
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | ownFileFlags;
/** No line of ours is longer; one that is cut off behind its start was never finished. */
const longestLineBytes = 4 * 1024 ** 2;

/**
 * Appends whole lines to a file that is made when it is not there, 0600. What a full disk cut off is cut away
 * before the next line, so that a reader never sees half of one in the middle. `lines` is told the last
 * line that is there and gives what is missing.
 */
export async function appendLines(
  path: string,
  lines: (last: string | undefined) => string,
): Promise<Appended> {
  let file: FileHandle | undefined;
  try {
    file = await openMade(path);
    const facts = await file.stat();
    if (!isOwnFile(facts)) return { kind: "never", why: "it is no plain file of ours" };
    const end = await mend(file, facts);
    const text = lines(end.last);
    if (text !== "") await write(file, text, end.size);
    return done;
  } catch (error) {
    const why = errorCode(error) ?? String(error);
    return { kind: isDiskFull(error) || isOutOfDescriptors(error) ? "later" : "never", why };
  } finally {
    await file?.close();
  }
}

async function openMade(path: string): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o600);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return open(path, flags, 0o600);
  }
}

/** Cuts off a line that was never finished; tells the last one that was. */
async function mend(
  file: FileHandle,
  { size }: Stats,
): Promise<{ readonly size: number; readonly last: string | undefined }> {
  for (let wanted = 4096; ; wanted *= 16) {
    const tail = await readTail(file, size, wanted);
    const end = tail.lastIndexOf("\n");
    const isAll = tail.length === size || wanted >= longestLineBytes;
    const begin = end === -1 ? -1 : tail.lastIndexOf("\n", end - 1);
    if (begin === -1 && !isAll) continue;
    const kept = size - (tail.length - end - 1);
    if (kept < size) await file.truncate(kept);
    return { size: kept, last: end === -1 ? undefined : tail.toString("utf8", begin + 1, end) };
  }
}

async function readTail(file: FileHandle, size: number, wanted: number): Promise<Buffer> {
  const tail = Buffer.alloc(Math.min(size, wanted));
  if (tail.length === 0) return tail;
  const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length);
  return tail.subarray(0, bytesRead);
}

async function write(file: FileHandle, text: string, size: number): Promise<void> {
  try {
    await file.writeFile(text);
  } catch (error) {
    // Half a line may be there; where even this fails, the next append mends it.
    await file.truncate(size).catch(() => undefined);
    throw error;
  }
}
