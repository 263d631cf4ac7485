import { askProgram } from "../../base/outside-program.ts";
import { mib } from "../../domain/quantity.ts";
import { err, ok, type Result } from "../../domain/result.ts";

/** A card as its driver tells of it. */
export interface FoundGpu {
  readonly index: number;
  readonly name: string;
  /** Absent where the card has no memory of its own and uses the box's. */
  readonly vramBytes?: number;
  readonly driver: string;
}

const fields = "index,name,memory.total,driver_version";
/** A driver without its persistence daemon takes seconds to wake its cards. */
const bounds = { timeoutMs: 20_000, maxBytes: 64 * 1024 };
const mostDevices = 64;

/**
 * Asks `nvidia-smi` what cards there are. Without the program there are none; when it cannot tell, or what
 * it says is not understood, the error is a sentence.
 */
export async function findNvidia(
  program = "nvidia-smi",
  limits = bounds,
): Promise<Result<FoundGpu[], string>> {
  const argv = [program, `--query-gpu=${fields}`, "--format=csv,noheader,nounits"] as const;
  const asked = await askProgram(argv, limits);
  if (asked.ok) return readNvidia(asked.value);
  if (asked.error.kind === "absent") return ok([]);
  return err(`nvidia-smi failed (${asked.error.why})`);
}

/** Reads its answer, a line for each card. Nothing of it is believed unless all of it is understood. */
export function readNvidia(text: string): Result<FoundGpu[], string> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const found = lines.map(readLine);
  const wrong = found.findIndex((gpu) => gpu === undefined);
  if (wrong !== -1) return err(`nvidia-smi said ${JSON.stringify(lines[wrong]?.slice(0, 120))}`);
  const gpus = found.filter((gpu) => gpu !== undefined);
  if (gpus.length > mostDevices) return err(`nvidia-smi named ${gpus.length} devices`);
  if (new Set(gpus.map(({ index }) => index)).size < gpus.length) {
    return err("nvidia-smi named a device twice");
  }
  return ok(gpus.sort((a, b) => a.index - b.index));
}

/** The name may have commas of its own, so the line is read from both ends. */
function readLine(line: string): FoundGpu | undefined {
  const match =
    /^\s*(\d{1,3}), (.{1,128}), (\d{1,8}|\[N\/A\]|\[Not Supported\]), ([\w.-]{1,32})\s*$/.exec(
      line,
    );
  if (match === null) return undefined;
  const [, index = "", name = "", memory = "", driver = ""] = match;
  const vramBytes = Number(memory) * mib;
  if (vramBytes === 0) return undefined;
  return {
    index: Number(index),
    name,
    driver,
    ...(Number.isFinite(vramBytes) && { vramBytes }),
  };
}
