/** What an attempt finds in its environment besides what was submitted; the stage contract, one table. */
export const stageVariables = {
  BLUT_RUN: "id of the run",
  BLUT_ATTEMPT: "id of the attempt, another one for every try",
  BLUT_CONTEXT:
    "a JSON file: arguments, inputs, directories, the memory limit, the number of the try",
  BLUT_EVENTS: "an empty file; a JSON line that is appended to it is heard while the stage runs",
  BLUT_OUT: "an empty directory; what is left in it becomes the artifact of the step",
  BLUT_CHECKPOINTS: "a directory that outlives the attempt, for what the next one goes on from",
  BLUT_RESUME:
    "the last good checkpoint; absent when there is none, or the step computes something else now",
} as const;

/** And of a run that a schedule started. */
export const scheduleVariables = {
  BLUT_SCHEDULE: "name of the schedule that started the run; only then",
  BLUT_SCHEDULED_AT: "the instant that it is for, in ISO 8601 and UTC; only then",
} as const;

export type StageVariable = keyof typeof stageVariables;
export type ScheduleVariable = keyof typeof scheduleVariables;
