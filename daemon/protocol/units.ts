/**
 * What both ends of the wire share of `domain/` at run time: sizes, durations, exit codes, the words
 * of failures and the socket's own limit. The client's only way to them, and free of zod, which would double its start.
 */
export {
  formatBytes,
  maxDurationMs,
  maxSizeBytes,
  parseDuration,
  parseSize,
} from "../domain/quantity.ts";
export { exitCodeOf, exitCodes } from "../domain/exit-code.ts";
export { failureReasons, type FailureReason } from "../domain/failure.ts";
export { err, ok, type Result } from "../domain/result.ts";
export { longestSocketPathBytes } from "../domain/host.ts";
export { noticeKinds, type NoticeKind } from "../domain/notice.ts";
export { scheduleVariables, stageVariables } from "../domain/stage-variables.ts";
export { isSameBuild, stampText, type VersionStamp } from "../domain/version-stamp.ts";
export { OwnBuild, rootOf } from "../base/build/own-build.ts";
export { makeDirectory } from "../base/make-directory.ts";
export { isFinal, runStates, type RunState } from "../domain/run.ts";
export {
  metricHeader,
  metricLine,
  parseMetricLine,
  type MetricRow,
  type MetricValue,
} from "../domain/metric.ts";
