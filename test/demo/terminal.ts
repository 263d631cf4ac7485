import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { styleText } from "node:util";
import { withoutSettings } from "./private-daemon.ts";

const blutctl = join(import.meta.dirname, "../../client/blutctl.ts");

/** A heading and, below it, a sentence or two of at most 78 columns. */
export function chapter(title: string, ...lines: string[]): void {
  const rule = "─".repeat(Math.max(0, 76 - title.length));
  console.log(`\n${styleText("bold", `── ${title} ${rule}`)}`);
  for (const line of lines) console.log(line);
}

/** `blutctl` against one daemon, shown as a person would type it. */
export class Terminal {
  readonly #socket: string;
  readonly #stop: AbortSignal;

  constructor(socket: string, stop: AbortSignal) {
    this.#socket = socket;
    this.#stop = stop;
  }

  /** Shows the command, lets it write to the terminal, and answers its exit code. */
  async show(...args: string[]): Promise<number> {
    this.#prompt(args);
    return (await this.#run(args, "inherit")).code;
  }

  /** Shows the command and its answer, and returns the answer. Throws when the command fails. */
  async ask(...args: string[]): Promise<string> {
    this.#prompt(args);
    const answer = await this.quietly(...args);
    console.log(answer);
    return answer;
  }

  /** The command's answer, without showing anything. Throws when the command fails. */
  async quietly(...args: string[]): Promise<string> {
    const { code, stdout } = await this.#run(args, "pipe");
    if (code !== 0) throw new Error(`blutctl ${args.join(" ")} ended with exit code ${code}`);
    return stdout.trim();
  }

  #prompt(args: readonly string[]): void {
    console.log(`\n${styleText("cyan", wrapped(["$ blutctl", ...args]))}`);
  }

  async #run(
    args: string[],
    stdout: "inherit" | "pipe",
  ): Promise<{ code: number; stdout: string }> {
    this.#stop.throwIfAborted();
    const child = spawn(process.execPath, [blutctl, ...args], {
      cwd: join(import.meta.dirname, "../.."),
      env: { ...withoutSettings(process.env), BLUT_SOCKET: this.#socket },
      stdio: ["ignore", stdout, "inherit"],
      signal: this.#stop,
    });
    const output = child.stdout === null ? "" : text(child.stdout);
    const [code] = (await once(child, "close")) as [number | null];
    this.#stop.throwIfAborted();
    return { code: code ?? 1, stdout: await output };
  }
}

/** Words in lines of at most 78 columns, broken as a shell allows it. */
function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 76)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join(" \\\n    ");
}
