import { open } from "node:fs/promises";
import { constants } from "node:fs";
import { errorCode } from "../../base/system-error.ts";
import { err, ok, type Result } from "../../domain/result.ts";

const largestBytes = 4096;
/** Standard Webhooks writes a secret so: the rest is base64. */
const mark = "whsec_";

/** Reads the secret that signs what is posted; refuses a file that anybody else could read. */
export async function readSecret(file: string): Promise<Result<Buffer, string>> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) return err(`${file} is not a file`);
      if ((facts.mode & 0o077) !== 0) {
        return err(`${file} can be read by others: chmod 600 ${file}`);
      }
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(largestBytes), 0);
      const text = buffer.toString("utf8", 0, bytesRead).trim();
      if (text === "") return err(`${file} is empty`);
      return ok(
        text.startsWith(mark) ? Buffer.from(text.slice(mark.length), "base64") : Buffer.from(text),
      );
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return err(`${file} cannot be read: ${code}`);
  }
}
