import type { MethodResult } from "../../daemon/protocol/methods.ts";
import { prose } from "./prose.ts";
import { paint, type Style } from "./style.ts";

type Finding = MethodResult<"daemon.doctor">["findings"][number];

const indent = 4;

/** What the doctor found: a mark and a sentence each, what to do where something is wrong, and a sum. */
export function findingList({ findings }: MethodResult<"daemon.doctor">, style: Style): string {
  const lines = findings.map((finding) => findingLines(finding, style));
  return [...lines, "", sum(findings)].join("\n");
}

/** One finding, and what to do about it. */
export function findingLines({ check, level, message, remedy }: Finding, style: Style): string {
  const said = `${mark(level, style)} ${prose(style, `${check}: ${message}`, indent)}`;
  if (remedy === undefined) return said;
  return `${said}\n${" ".repeat(indent)}${paint(style, "bold", prose(style, remedy, indent))}`;
}

function mark(level: Finding["level"], style: Style): string {
  switch (level) {
    case "ok":
      return paint(style, "green", style.unicode ? " ✓ " : "ok ");
    case "warn":
      return paint(style, "yellow", style.unicode ? " ! " : " ! ");
    case "fail":
      return paint(style, ["bold", "red"], style.unicode ? " ✗ " : "NO ");
  }
}

function sum(findings: readonly Finding[]): string {
  const count = (level: Finding["level"]): number =>
    findings.filter((finding) => finding.level === level).length;
  const [failed, warned] = [count("fail"), count("warn")];
  if (failed > 0) return `${failed} to fix before work can be left alone, ${warned} to know about.`;
  if (warned > 0) return `Work can be left alone; ${warned} to know about.`;
  return "All is well: work can be left alone.";
}
