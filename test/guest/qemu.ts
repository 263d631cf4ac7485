import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensurePart } from "./images.ts";
import { kernelParameters, type Machine } from "./machine.ts";
import type { GuestOptions } from "./options.ts";

const program = "qemu-system-x86_64";

/** QEMU: a stock kernel with PSI and two CPUs; the tree is a copy made now, writes to it are lost. */
export async function qemuMachine(
  options: GuestOptions,
  directory: string,
  tree: string,
): Promise<Machine> {
  ensureQemu();
  const kernel = await ensurePart("stock");
  const treeDisk = join(directory, "tree.img");
  makeTreeDisk(tree, treeDisk);
  return {
    program,
    args: [
      ...words("-nodefaults -no-user-config -display none -no-reboot -machine q35 -smp 2"),
      ...accelerator(),
      ...["-m", options.mem, "-kernel", join(kernel, "vmlinuz"), "-serial", "stdio"],
      "-append",
      ["root=/dev/nvme0n1 console=ttyS0 panic=-1 mitigations=off", ...kernelParameters].join(" "),
      ...(await rootDisk(options)),
      // Two NVMe disks would get their names at random, so the second disk is of another kind.
      ...words("-device nvme,drive=root,serial=root -device virtio-blk-pci,drive=tree"),
      ...["-drive", `file=${treeDisk},if=none,id=tree,format=raw,cache=unsafe`],
      ...words("-device virtio-serial-pci"),
      ...[3, 4, 5, 6].flatMap((fd) => port(fd)),
    ],
    extraFiles: modules(kernel),
  };
}

function words(text: string): string[] {
  return text.split(" ");
}

/** Descriptor 3 is the guest's first port, and so on. */
function port(fd: number): string[] {
  const device = `virtserialport,chardev=port${fd},nr=${fd - 2}`;
  return ["-chardev", `socket,id=port${fd},fd=${fd}`, "-device", device];
}

function modules(kernel: string): string[] {
  return readdirSync(kernel)
    .filter((name) => name.includes(".ko"))
    .map((name) => join(kernel, name));
}

/** An openable /dev/kvm is no proof: kvm-pvm opens, creates machines and then hangs stock kernels. */
function accelerator(): string[] {
  const hasVirtualisation = /^flags.*\b(vmx|svm)\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  if (hasVirtualisation && isWritable("/dev/kvm")) return words("-accel kvm -cpu host");
  return words("-accel tcg,thread=multi,tb-size=512 -cpu max");
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function rootDisk(options: GuestOptions): Promise<string[]> {
  const image = await ensurePart(options.suite);
  const common = "if=none,id=root,format=raw,cache=unsafe";
  if (options.disk === undefined) return ["-drive", `file=${image},${common},snapshot=on`];
  const disk = join(resolve(options.disk), `${options.suite}.img`);
  mkdirSync(resolve(options.disk), { recursive: true });
  if (!existsSync(disk)) execFileSync("cp", ["--sparse=always", image, disk]);
  return ["-drive", `file=${disk},${common}`];
}

function makeTreeDisk(tree: string, path: string): void {
  execFileSync("truncate", ["-s", "4G", path]);
  const features = ["-q", "-O", "^has_journal", "-E", "lazy_itable_init=1"];
  execFileSync("mkfs.ext4", [...features, "-d", tree, path], { stdio: ["ignore", 2, 2] });
}

function ensureQemu(): void {
  if (spawnSync(program, ["--version"]).status === 0) return;
  const install = "apt-get install -y --no-install-recommends qemu-system-x86";
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`--qemu needs ${program}; on Debian or Ubuntu: sudo ${install}`);
  }
  console.error("guest: installing qemu-system-x86");
  const script = `{ apt-get update && ${install}; } >&2`;
  if (spawnSync("sh", ["-c", script], { stdio: ["ignore", 2, 2] }).status !== 0) {
    throw new Error(`could not install it: ${install}`);
  }
}
