import { exitCodes, scheduleVariables, stageVariables } from "../daemon/protocol/units.ts";
import { interruptedCode } from "./exit-code.ts";

/** A page of `help` that is about no verb: a table. The man page has the same. */
export interface Topic {
  readonly title: string;
  /** What the list of topics says of it. */
  readonly summary: string;
  readonly rows: readonly TopicRow[];
}
export interface TopicRow {
  readonly name: string;
  readonly meaning: string;
}

const codes = [
  ...Object.values(exitCodes),
  { code: interruptedCode, meaning: "Ctrl-C stopped looking; the run goes on" },
].sort((a, b) => a.code - b.code);

const environment: readonly TopicRow[] = [
  { name: "BLUT_SOCKET", meaning: "the daemon's socket, where --socket does not name one" },
  { name: "BLUT_ARG_NAME", meaning: "the argument NAME of a recipe; key=value goes before it" },
  {
    name: "XDG_RUNTIME_DIR",
    meaning: "blut/blutd.sock in it is the socket of one's own daemon; else /run/blut/blutd.sock",
  },
  {
    name: "XDG_CACHE_HOME",
    meaning: "compiled code is kept in blut/compile there, else in ~/.cache",
  },
  { name: "NO_COLOR", meaning: "no colours, unless --color always; so does TERM=dumb" },
  { name: "COLUMNS", meaning: "width of a line where the terminal does not say; else 80" },
  { name: "LC_ALL, LC_CTYPE, LANG", meaning: "whether lines are drawn with more than ASCII" },
];

const files: readonly TopicRow[] = [
  { name: "~/.config/blut/blut.toml", meaning: "settings of one's own daemon: blut.toml(5)" },
  { name: "/etc/blut/blut.toml", meaning: "settings of the box's daemon" },
  {
    name: "~/.config/blut/recipes/",
    meaning: "recipes and cookbooks that have a name: blut-recipe(5)",
  },
  { name: "~/.config/blut/schedules/", meaning: "what the clock starts: blut-schedule(5)" },
  {
    name: "$XDG_RUNTIME_DIR/blut/blutd.sock",
    meaning: "the socket of one's own daemon: blutd-rpc(7)",
  },
  { name: "/run/blut/blutd.sock", meaning: "the socket of the box's daemon" },
  { name: "~/.local/state/blut/blut.db", meaning: "runs, schedules, what was learnt" },
  {
    name: "~/.local/state/blut/runs/RUN/STEP/N/",
    meaning:
      "what attempt N of a step leaves: stdout.log, stderr.log, events.jsonl, metrics.csv, out",
  },
  { name: "~/.local/state/blut/runs/RUN/status.jsonl", meaning: "the run's events, a line each" },
  { name: "~/.local/state/blut/artifacts/", meaning: "what steps made, by digest" },
];

/** What a program that drives blut needs, and no more. */
const agents: readonly TopicRow[] = [
  {
    name: "blutctl submit --json -- CMD ARG...",
    meaning:
      'answers {"id": "run_..."} when the run is on disk. No limits have to be guessed: without --mem ' +
      "blut decides, and gives more after an out-of-memory kill",
  },
  {
    name: "blutctl wait --json --timeout 10m RUN",
    meaning:
      'answers {"done": true, "runs": [{"id", "state", "exitCode", "sentence"}]} and exits as the run ' +
      "did; 124 when the time was up: call it again, the run goes on",
  },
  {
    name: "blutctl log --full RUN",
    meaning: "all of its output; --stderr for the other stream, -n 50 for the end of it",
  },
  {
    name: "blutctl show --json RUN",
    meaning: "everything of a run: sentence, steps, and history, the attempts with cause and limit",
  },
  {
    name: "blutctl explain --json RUN",
    meaning: "why it waits: wait.reason is a word, wait.unblocks what would let it start",
  },
  {
    name: "blutctl runs --json --state failed --since 1d",
    meaning: '{"runs": [...], "more": true or false}, newest first; --before ID is the next page',
  },
  {
    name: "blutctl plan --json RECIPE key=value",
    meaning: "what a recipe would do, and whether it fits; nothing is stored",
  },
  {
    name: "blutctl recipe run --json RECIPE key=value",
    meaning:
      'answers {"id": ...}; give a --dedupe-key, and the same call again starts nothing twice',
  },
  {
    name: "blutctl retry --json RUN",
    meaning:
      'answers {"runs": [{"from", "id"}]}: a new run; what is there already is not done again',
  },
  {
    name: "blutctl cancel --reason TEXT RUN",
    meaning: "ends it; 119 when it has ended already",
  },
  {
    name: "any refusal with --json",
    meaning:
      'answers {"error": {"reason", "message", "remedy", "retryable"}} on stdout; reason is one of a fixed ' +
      "list of words, remedy is what to do next. Exit codes: `blutctl help exit-codes`",
  },
];

/** Every topic by the word that `help` takes. */
export const topics = {
  "exit-codes": {
    title: "Exit status",
    summary: "the table of exit codes",
    rows: [
      { name: "1-255", meaning: "the command's own, from `run` and `wait`, when it has one" },
      ...codes.map(({ code, meaning }) => ({ name: String(code), meaning })),
    ],
  },
  environment: { title: "Environment", summary: "variables that blutctl reads", rows: environment },
  files: { title: "Files", summary: "where everything is", rows: files },
  agents: {
    title: "For programs and agents",
    summary: "the ten commands of a program that drives blut",
    rows: agents,
  },
  stages: {
    title: "Environment of a command",
    summary: "what a command that blut runs finds in its environment",
    rows: Object.entries({ ...stageVariables, ...scheduleVariables }).map(([name, meaning]) => ({
      name,
      meaning,
    })),
  },
} as const satisfies Readonly<Record<string, Topic>>;

/** Whether a word names a topic. */
export function isTopic(word: string | undefined): word is keyof typeof topics {
  return word !== undefined && Object.hasOwn(topics, word);
}
