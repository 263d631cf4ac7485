import { artifactGet } from "./artifact-get.ts";
import { cachePrune } from "./cache-prune.ts";
import { cacheStats } from "./cache-stats.ts";
import { cacheVerify } from "./cache-verify.ts";
import { calibrationExport } from "./calibration-export.ts";
import { calibrationForget } from "./calibration-forget.ts";
import { calibrationGet } from "./calibration-get.ts";
import { calibrationImport } from "./calibration-import.ts";
import { calibrationList } from "./calibration-list.ts";
import { calibrationSet } from "./calibration-set.ts";
import { daemonDoctor } from "./daemon-doctor.ts";
import { daemonDrain } from "./daemon-drain.ts";
import { daemonHello } from "./daemon-hello.ts";
import { daemonMetrics } from "./daemon-metrics.ts";
import { daemonPause } from "./daemon-pause.ts";
import { daemonReload } from "./daemon-reload.ts";
import { daemonResume } from "./daemon-resume.ts";
import { daemonStatus } from "./daemon-status.ts";
import { eventsList } from "./events-list.ts";
import { eventsSubscribe } from "./events-subscribe.ts";
import { eventsUnsubscribe } from "./events-unsubscribe.ts";
import { notifyList } from "./notify-list.ts";
import { notifyTest } from "./notify-test.ts";
import { planInspect } from "./plan-inspect.ts";
import { recipeCheck } from "./recipe-check.ts";
import { recipeGet } from "./recipe-get.ts";
import { recipeList } from "./recipe-list.ts";
import { recipePlan } from "./recipe-plan.ts";
import { recipeRun } from "./recipe-run.ts";
import { recipeSchema } from "./recipe-schema.ts";
import { recipeSwaps } from "./recipe-swaps.ts";
import { stageList } from "./stage-list.ts";
import { lineageDiff } from "./lineage-diff.ts";
import { lineageReindex } from "./lineage-reindex.ts";
import { lineageTrace } from "./lineage-trace.ts";
import { reportGet } from "./report-get.ts";
import { retentionCollect } from "./retention-collect.ts";
import { rpcDiscover } from "./rpc-discover.ts";
import { runCancel } from "./run-cancel.ts";
import { runExplain } from "./run-explain.ts";
import { runGet } from "./run-get.ts";
import { runList } from "./run-list.ts";
import { runLog } from "./run-log.ts";
import { runMetrics } from "./run-metrics.ts";
import { runPin } from "./run-pin.ts";
import { runRetry } from "./run-retry.ts";
import { runSubmit } from "./run-submit.ts";
import { runUnpin } from "./run-unpin.ts";
import { runWait } from "./run-wait.ts";
import { scheduleCheck } from "./schedule-check.ts";
import { scheduleDisable } from "./schedule-disable.ts";
import { scheduleDue } from "./schedule-due.ts";
import { scheduleEnable } from "./schedule-enable.ts";
import { scheduleExport } from "./schedule-export.ts";
import { scheduleFire } from "./schedule-fire.ts";
import { scheduleGet } from "./schedule-get.ts";
import { scheduleList } from "./schedule-list.ts";
import { scheduleNext } from "./schedule-next.ts";
import type { RpcContext } from "../context.ts";
import type { Method } from "../method.ts";

/** Every method the socket answers; a test holds it equal to the protocol's table. */
export const allMethods: readonly Method<RpcContext>[] = [
  daemonHello,
  daemonStatus,
  daemonPause,
  daemonDrain,
  daemonResume,
  daemonReload,
  daemonDoctor,
  daemonMetrics,
  notifyTest,
  notifyList,
  runSubmit,
  runList,
  runGet,
  runExplain,
  runLog,
  runMetrics,
  runWait,
  runCancel,
  runRetry,
  runPin,
  runUnpin,
  recipeList,
  recipeGet,
  recipeCheck,
  recipeSchema,
  recipeRun,
  recipeSwaps,
  stageList,
  recipePlan,
  planInspect,
  scheduleList,
  scheduleGet,
  scheduleNext,
  scheduleFire,
  scheduleDue,
  scheduleExport,
  scheduleEnable,
  scheduleDisable,
  scheduleCheck,
  calibrationList,
  calibrationGet,
  calibrationSet,
  calibrationForget,
  calibrationExport,
  calibrationImport,
  artifactGet,
  cacheStats,
  cachePrune,
  cacheVerify,
  retentionCollect,
  lineageTrace,
  lineageDiff,
  lineageReindex,
  reportGet,
  eventsList,
  eventsSubscribe,
  eventsUnsubscribe,
  rpcDiscover,
];
