import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensurePart } from "./images.ts";
import { kernelParameters, type Machine } from "./machine.ts";
import type { GuestOptions } from "./options.ts";

/** User-mode Linux: boots in seconds without virtualisation or root; one CPU, no PSI; the tree is live. */
export async function umlMachine(options: GuestOptions, directory: string): Promise<Machine> {
  const kernel = await ensurePart("uml");
  const image = await ensurePart(options.suite);
  return {
    program: join(kernel, "linux.uml"),
    args: [
      "noreboot", // else a reset starts the same guest again, for ever
      `uml_dir=${directory}`,
      `mem=${options.mem}`,
      "seccomp=auto", // cheaper system calls than ptrace, where the host has it
      `ubd0=${join(diskDirectory(options, directory), `${options.suite}.cow`)},${image}`,
      `ubd1r=${join(directory, "request.tar")}`,
      `hostfs=${join(directory, "tree")}`, // the guest sees this folder of the host and no other
      "root=/dev/ubda",
      "con=null",
      "con0=null,fd:1",
      "con1=null,fd:3",
      "con2=null,fd:4",
      "con3=fd:5",
      "console=tty0",
      "sysctl.kernel.io_uring_disabled=2", // libuv's rings corrupt the page tables of this kernel
      ...kernelParameters,
    ],
    extraFiles: [],
  };
}

function diskDirectory(options: GuestOptions, fallback: string): string {
  if (options.disk === undefined) return fallback;
  const directory = resolve(options.disk);
  mkdirSync(directory, { recursive: true });
  return directory;
}
