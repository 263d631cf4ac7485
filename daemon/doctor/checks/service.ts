import { formatBytes, mib } from "../../domain/quantity.ts";
import type { BoxFacts, OwnFacts, ServiceFacts, SocketFacts } from "../facts.ts";
import { fault, fine, warning, type Finding } from "../finding.ts";

/** Work says 500 of itself: whoever says more goes before it when the box is out of memory. */
const workScore = 500;
const leastMemoryBytes = 256 * mib;
/** Each run that goes holds a few, each client one. */
const fewFiles = 1024;

/** blutd as a service, and as a process. */
export function serviceFindings({ service, own, socket, uid }: BoxFacts): Finding[] {
  return [
    ...(service === undefined ? [] : [unit(service)]),
    ...process(own, service?.isSystem === true),
    ...(socket === undefined ? [] : [rights(socket, uid)]),
  ];
}

function unit(service: ServiceFacts): Finding {
  const { isSystem, file, needsReload, isEnabled } = service;
  const systemctl = isSystem ? "sudo systemctl" : "systemctl --user";
  const setUp = isSystem ? `${systemctl} enable --now blutd.socket` : "blutctl init";
  if (file === "") return warning("service", "blutd is no service: no boot starts it", setUp);
  if (needsReload) {
    return warning("service", `${file} has changed`, `${systemctl} daemon-reload`);
  }
  if (isOther(service)) {
    const remedy = isSystem ? "install the package again" : "blutctl init";
    return warning("service", `${file} is of another version of blut`, remedy);
  }
  if (!isEnabled) return warning("service", `no boot starts ${file}`, setUp);
  return fine("service", file);
}

/** Where blutd lies is written into the copy by whoever made it; what else differs is another version. */
function isOther({ text, carried }: ServiceFacts): boolean {
  return text !== undefined && carried !== undefined && essence(text) !== essence(carried);
}

function essence(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^(#|;|\s*$|Exec[A-Z])/.test(line))
    .join("\n");
}

function process(
  { unit: name, memoryMaxBytes, oomScoreAdjust, openFiles }: OwnFacts,
  isSystem: boolean,
): Finding[] {
  const found: Finding[] = [];
  const edit = (line: string): string =>
    `${isSystem ? "sudo systemctl" : "systemctl --user"} edit blutd.service, and under [Service]: ${line}`;
  if (memoryMaxBytes !== undefined && memoryMaxBytes < leastMemoryBytes) {
    const message = `${name ?? "blutd"} may use only ${formatBytes(memoryMaxBytes)} of memory itself`;
    found.push(warning("own memory", message, edit("MemoryMax=2G")));
  }
  if (oomScoreAdjust >= workScore) {
    const message = `blutd goes before its work when the box is out of memory (score ${oomScoreAdjust})`;
    found.push(warning("oom score", message, edit("OOMScoreAdjust=100")));
  }
  if (openFiles !== undefined && openFiles < fewFiles) {
    const message = `blutd may have only ${openFiles} files open`;
    found.push(warning("open files", message, edit("LimitNOFILE=65536")));
  }
  return found;
}

function rights({ path, mode, ownerUid }: SocketFacts, uid: number): Finding {
  const text = (mode & 0o777).toString(8);
  if ((mode & 0o007) !== 0) {
    return fault("socket", `everybody may use ${path} (mode ${text})`, `chmod o= ${path}`);
  }
  if (ownerUid !== uid) {
    const message = `${path} belongs to uid ${ownerUid}, blutd runs as ${uid}`;
    return fault("socket", message, `remove ${path} and start blutd again`);
  }
  return fine("socket", `${path}, mode ${text}`);
}
