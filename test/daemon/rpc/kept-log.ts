import type { RpcLog } from "../../../daemon/rpc/rpc-log.ts";

/** A log that keeps its lines. */
export class KeptLog implements RpcLog {
  readonly lines: { level: string; facts: object; message: string }[] = [];
  debug(facts: object, message: string): void {
    this.lines.push({ level: "debug", facts, message });
  }
  info(facts: object, message: string): void {
    this.lines.push({ level: "info", facts, message });
  }
  warn(facts: object, message: string): void {
    this.lines.push({ level: "warn", facts, message });
  }
  error(facts: object, message: string): void {
    this.lines.push({ level: "error", facts, message });
  }
}
