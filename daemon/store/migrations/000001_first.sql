-- Every state column repeats its union of daemon/domain in a CHECK; a property test keeps them equal.
-- Times are epoch ms, sizes bytes. Text that is JSON ends in _json. An index is named for what asks it.

-- 'blut' in ASCII: tells our database from anybody else's.
PRAGMA application_id = 1651275124;

CREATE TABLE plans (
  digest TEXT PRIMARY KEY,
  plan_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The environment is private and large; runs submitted from one shell share it. Purged with its last run.
CREATE TABLE environments (
  digest TEXT PRIMARY KEY,
  environment_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  plan_digest TEXT NOT NULL REFERENCES plans (digest),
  environment_digest TEXT NOT NULL REFERENCES environments (digest),
  priority INTEGER NOT NULL,
  dedupe_key TEXT,
  -- Digest of the submit's body, so that a dedupe key used with another body is told apart.
  body_digest TEXT NOT NULL,
  retried_from TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  end_json TEXT,
  exit_code INTEGER,
  cancel_reason TEXT,
  -- The first step that fails ends the rest, too.
  fail_fast INTEGER NOT NULL DEFAULT 0 CHECK (fail_fast IN (0, 1)),
  -- Kept from every pruning, with the artifacts it made.
  pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  -- What a person is told of it; NULL: what the configuration says.
  notify_json TEXT,
  -- What its directory takes of the disk, once that was looked at after its end: its logs and whatever else
  -- it left there, and the small files that tell its history.
  log_bytes INTEGER CHECK (log_bytes >= 0),
  history_bytes INTEGER CHECK (history_bytes >= 0),
  -- Retention took the logs; they are on their way while log_bytes is not 0.
  logs_gone_at INTEGER,
  logs_gone_because TEXT CHECK (logs_gone_because IN ('age', 'count', 'size')),
  CHECK ((log_bytes IS NULL) = (history_bytes IS NULL)),
  CHECK ((logs_gone_at IS NULL) = (logs_gone_because IS NULL)),
  CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (exit_code IS NULL))
) STRICT, WITHOUT ROWID;

-- Partial, so that the many runs without a key cost a submit no page of it.
CREATE UNIQUE INDEX runs_by_dedupe_key ON runs (dedupe_key) WHERE dedupe_key IS NOT NULL;

-- Lists of several states or of any state merge one ordered range of these per state.
CREATE INDEX runs_by_state ON runs (state, id);
CREATE INDEX runs_by_name_state ON runs (name, state, id);
-- Turns "since" into the oldest id it can mean, without reading a row.
CREATE INDEX runs_since ON runs (created_at, id);
-- Is this the last run of that environment?
CREATE INDEX runs_by_environment ON runs (environment_digest);
-- Which ended first?
CREATE INDEX runs_by_end ON runs (ended_at, id) WHERE ended_at IS NOT NULL;

-- And of that plan?
CREATE INDEX runs_by_plan ON runs (plan_digest);
-- What nobody has looked at since it ended, and whose logs are there or on their way.
CREATE INDEX runs_unweighed ON runs (id) WHERE ended_at IS NOT NULL AND log_bytes IS NULL;
CREATE INDEX runs_with_logs ON runs (logs_gone_at, ended_at, id) WHERE log_bytes > 0;
-- What do those take that are pinned?
CREATE INDEX runs_pinned ON runs (log_bytes, history_bytes)
WHERE pinned = 1 AND ended_at IS NOT NULL;
-- Does a retry of it still run?
CREATE INDEX runs_by_original ON runs (retried_from) WHERE retried_from IS NOT NULL;

CREATE TRIGGER runs_purge_environment AFTER DELETE ON runs
WHEN NOT EXISTS (SELECT 1 FROM runs WHERE environment_digest = OLD.environment_digest)
BEGIN
  DELETE FROM environments WHERE digest = OLD.environment_digest;
END;

CREATE TRIGGER runs_purge_plan AFTER DELETE ON runs
WHEN NOT EXISTS (SELECT 1 FROM runs WHERE plan_digest = OLD.plan_digest)
BEGIN
  DELETE FROM plans WHERE digest = OLD.plan_digest;
END;

-- What the directories of ended runs take of the disk, kept by triggers that only retention sets off.
CREATE TABLE run_figures (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- Runs that have logs.
  logs INTEGER NOT NULL DEFAULT 0,
  log_bytes INTEGER NOT NULL DEFAULT 0,
  history_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO run_figures (id) VALUES (1);

CREATE TRIGGER runs_weigh AFTER UPDATE OF log_bytes, history_bytes ON runs BEGIN
  UPDATE run_figures SET
    logs = logs + (NEW.log_bytes > 0) - (ifnull(OLD.log_bytes, 0) > 0),
    log_bytes = log_bytes + NEW.log_bytes - ifnull(OLD.log_bytes, 0),
    history_bytes = history_bytes + NEW.history_bytes - ifnull(OLD.history_bytes, 0);
END;

CREATE TRIGGER runs_weigh_delete AFTER DELETE ON runs WHEN OLD.log_bytes IS NOT NULL BEGIN
  UPDATE run_figures SET
    logs = logs - (OLD.log_bytes > 0),
    log_bytes = log_bytes - OLD.log_bytes,
    history_bytes = history_bytes - OLD.history_bytes;
END;

-- What is left of a run that retention took: enough to say so.
CREATE TABLE collected_runs (
  number INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  because TEXT NOT NULL CHECK (because IN ('age', 'count', 'size')),
  -- Some of its rows or of its files are still there; the next daemon goes on with it.
  going INTEGER NOT NULL DEFAULT 1 CHECK (going IN (0, 1))
) STRICT;

CREATE INDEX collected_runs_going ON collected_runs (number) WHERE going = 1;

-- How many rows there are, kept by triggers: nothing ever counts 100,000 rows to say so.
CREATE TABLE counts (
  name TEXT PRIMARY KEY CHECK (
    name IN (
      'runs.queued', 'runs.running', 'runs.succeeded', 'runs.failed', 'runs.cancelled', 'ready_steps'
    )
  ),
  amount INTEGER NOT NULL DEFAULT 0 CHECK (amount >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO counts (name) VALUES
  ('runs.queued'), ('runs.running'), ('runs.succeeded'), ('runs.failed'), ('runs.cancelled'),
  ('ready_steps');

CREATE TRIGGER runs_count_insert AFTER INSERT ON runs BEGIN
  UPDATE counts SET amount = amount + 1 WHERE name = 'runs.' || NEW.state;
END;

CREATE TRIGGER runs_count_move AFTER UPDATE OF state ON runs WHEN OLD.state <> NEW.state BEGIN
  UPDATE counts SET amount = amount - 1 WHERE name = 'runs.' || OLD.state;
  UPDATE counts SET amount = amount + 1 WHERE name = 'runs.' || NEW.state;
END;

CREATE TRIGGER runs_count_delete AFTER DELETE ON runs BEGIN
  UPDATE counts SET amount = amount - 1 WHERE name = 'runs.' || OLD.state;
END;

-- A wait of one run for another; it is closed when the other has ended as it should.
CREATE TABLE run_waits (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  -- No reference: a run that has ended may be collected before the one that waited for it.
  on_run_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('needs', 'after')),
  open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
  PRIMARY KEY (run_id, on_run_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER run_waits_on_known BEFORE INSERT ON run_waits
WHEN NOT EXISTS (SELECT 1 FROM runs WHERE id = NEW.on_run_id)
BEGIN
  SELECT RAISE(ABORT, 'a wait for a run that is not there');
END;

CREATE INDEX run_waits_on ON run_waits (on_run_id, open);

CREATE TABLE steps (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (
    state IN (
      'waiting', 'resolving', 'ready', 'running', 'succeeded', 'failed', 'cancelled', 'skipped', 'pruned'
    )
  ),
  -- Needs that have not ended well yet, at 0 it may be resolved; of a running mapped step its open elements.
  open_needs INTEGER NOT NULL DEFAULT 0 CHECK (open_needs >= 0),
  -- Steps on the longest way from here to an end of the plan: the critical path goes first.
  weight INTEGER NOT NULL DEFAULT 1,
  -- Its work is done again whatever the cache has.
  forced INTEGER NOT NULL DEFAULT 0 CHECK (forced IN (0, 1)),
  -- The mapped step that this is an element of, and which.
  parent TEXT,
  element_json TEXT,
  -- Set when it was resolved; what a checkpoint or a result of it belongs to.
  cache_key TEXT,
  key_parts_json TEXT,
  output_digest TEXT,
  output_kind TEXT,
  -- The run whose result stood in for doing the work.
  cached_from TEXT,
  -- The step that first failed or diverged, for one that was skipped or pruned because of it.
  because TEXT,
  end_json TEXT,
  ended_at INTEGER,
  checkpoint_json TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  oom_kills INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  losses INTEGER NOT NULL DEFAULT 0,
  timeouts INTEGER NOT NULL DEFAULT 0,
  divergences INTEGER NOT NULL DEFAULT 0,
  -- Largest limit this very step was killed at, so that a forgotten calibration cannot shrink it.
  killed_at_bytes INTEGER,
  PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;

-- Is anything of this run still going? Whose result was being looked for when the daemon died?
CREATE INDEX steps_going ON steps (state, run_id) WHERE state IN ('resolving', 'ready', 'running');

-- Does a live run need this artifact: as the output of a step, or as the element a step works on?
CREATE INDEX steps_by_output ON steps (output_digest) WHERE output_digest IS NOT NULL;
CREATE INDEX steps_by_element ON steps (element_json ->> '$.artifact') WHERE element_json IS NOT NULL;

-- A row is a step that may start as soon as the box has room. Starting it deletes the row.
CREATE TABLE ready_steps (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  priority INTEGER NOT NULL,
  -- Within a run the critical path goes first.
  weight INTEGER NOT NULL DEFAULT 1,
  -- Backoff: not before this instant.
  not_before_at INTEGER NOT NULL DEFAULT 0,
  -- Starts that went past it while it was the head of the line.
  passed_over INTEGER NOT NULL DEFAULT 0,
  -- What it claims besides memory, as JSON; empty when nothing. A long line that wants the same is left out as one.
  claims TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (run_id, step),
  FOREIGN KEY (run_id, step) REFERENCES steps (run_id, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Run ids sort by age, so this index is the order of the queue. It covers: steps that back off at the
-- head of the line are passed over without touching their rows.
CREATE INDEX ready_steps_order
ON ready_steps (priority DESC, run_id, weight DESC, step, not_before_at, passed_over, claims);
CREATE INDEX ready_steps_backoff ON ready_steps (not_before_at) WHERE not_before_at > 0;

CREATE TRIGGER ready_steps_count_insert AFTER INSERT ON ready_steps BEGIN
  UPDATE counts SET amount = amount + 1 WHERE name = 'ready_steps';
END;

CREATE TRIGGER ready_steps_count_delete AFTER DELETE ON ready_steps BEGIN
  UPDATE counts SET amount = amount - 1 WHERE name = 'ready_steps';
END;

CREATE TABLE attempts (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  number INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('starting', 'running', 'ended')),
  containment TEXT NOT NULL CHECK (containment IN ('systemd', 'polling')),
  boot_id TEXT NOT NULL,
  directory TEXT NOT NULL,
  limit_bytes INTEGER NOT NULL CHECK (limit_bytes > 0),
  limit_origin_json TEXT NOT NULL,
  -- The first cause to stop it wins and is here before the signal goes out.
  stop_cause TEXT CHECK (stop_cause IN ('cancelled', 'soft-timeout', 'hard-timeout', 'stalled', 'diverged')),
  -- What the stage said or did not say, for the two causes that are told by it.
  stop_facts_json TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  outcome_json TEXT,
  peaks_json TEXT,
  CHECK ((state = 'ended') = (outcome_json IS NOT NULL)),
  CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
  UNIQUE (run_id, step, number),
  FOREIGN KEY (run_id, step) REFERENCES steps (run_id, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_of_run ON attempts (run_id, id);
-- At most one live attempt of a step, whatever the code believes.
CREATE UNIQUE INDEX attempts_one_live ON attempts (run_id, step) WHERE state <> 'ended';

CREATE TABLE reservations (
  attempt_id TEXT PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
  memory_bytes INTEGER NOT NULL CHECK (memory_bytes > 0),
  cpus REAL NOT NULL CHECK (cpus >= 0),
  gpus INTEGER NOT NULL CHECK (gpus >= 0),
  vram_bytes INTEGER NOT NULL CHECK (vram_bytes >= 0),
  -- Indices of the devices it was given.
  devices_json TEXT NOT NULL,
  pools_json TEXT NOT NULL,
  locks_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE calibrations (
  key TEXT PRIMARY KEY,
  clean_peak_bytes INTEGER CHECK (clean_peak_bytes > 0),
  clean_peak_run TEXT,
  clean_peak_at INTEGER,
  killed_at_bytes INTEGER CHECK (killed_at_bytes > 0),
  killed_at_run TEXT,
  killed_at_at INTEGER,
  pinned_bytes INTEGER CHECK (pinned_bytes > 0),
  pinned_run TEXT,
  pinned_at INTEGER,
  successes INTEGER NOT NULL,
  kills INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Immutable outputs by the digest of their content. The content itself is in the artifact directory.
CREATE TABLE artifacts (
  digest TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  files INTEGER NOT NULL CHECK (files >= 0),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is pruned first?
CREATE INDEX artifacts_by_use ON artifacts (last_used_at, digest);

-- A result: everything that decided it, and what came of it.
CREATE TABLE cache_entries (
  key TEXT PRIMARY KEY,
  artifact TEXT NOT NULL REFERENCES artifacts (digest) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  -- Recipe and step, so that a miss can be compared with the newest result of the same step.
  step_label TEXT NOT NULL,
  parts_json TEXT NOT NULL,
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  -- How long the work took: what a hit saves.
  took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  hits INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX cache_entries_by_label ON cache_entries (step_label, created_at);
CREATE INDEX cache_entries_by_artifact ON cache_entries (artifact);

-- The cache in figures, kept by triggers. Hits and what they saved are of all time.
CREATE TABLE cache_figures (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  artifacts INTEGER NOT NULL DEFAULT 0,
  artifact_bytes INTEGER NOT NULL DEFAULT 0,
  entries INTEGER NOT NULL DEFAULT 0,
  hits INTEGER NOT NULL DEFAULT 0,
  saved_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO cache_figures (id) VALUES (1);

CREATE TRIGGER artifacts_count_insert AFTER INSERT ON artifacts BEGIN
  UPDATE cache_figures SET artifacts = artifacts + 1, artifact_bytes = artifact_bytes + NEW.bytes;
END;

CREATE TRIGGER artifacts_count_delete AFTER DELETE ON artifacts BEGIN
  UPDATE cache_figures SET artifacts = artifacts - 1, artifact_bytes = artifact_bytes - OLD.bytes;
END;

CREATE TRIGGER cache_entries_count_insert AFTER INSERT ON cache_entries BEGIN
  UPDATE cache_figures SET entries = entries + 1;
END;

CREATE TRIGGER cache_entries_count_delete AFTER DELETE ON cache_entries BEGIN
  UPDATE cache_figures SET entries = entries - 1;
END;

CREATE TRIGGER cache_entries_count_hit AFTER UPDATE OF hits ON cache_entries BEGIN
  UPDATE cache_figures SET hits = hits + 1, saved_ms = saved_ms + NEW.took_ms;
END;

-- What the files of a directory held when they were last read: those that have not changed since are not
-- read again.
CREATE TABLE file_digests (
  path TEXT PRIMARY KEY,
  record TEXT NOT NULL,
  written_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is forgotten first?
CREATE INDEX file_digests_by_age ON file_digests (written_at);

-- Lineage: which step of which run read and wrote which artifact. Kept when a run's logs are gone, and
-- made again from the runs' own files when it is lost.
CREATE TABLE lineage_reads (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  input TEXT NOT NULL,
  artifact TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- Where it came from: a step of the same run, or a path.
  from_step TEXT,
  from_path TEXT,
  PRIMARY KEY (run_id, step, input)
) STRICT, WITHOUT ROWID;

CREATE INDEX lineage_readers ON lineage_reads (artifact);

CREATE TABLE lineage_writes (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  artifact TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  -- Absent when an earlier result stood in for the work.
  attempt_id TEXT,
  cached_from TEXT,
  at INTEGER NOT NULL,
  -- Arguments, code digest, git, host, environment's safe part, limit, peaks, attempts and causes.
  facts_json TEXT NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX lineage_writers ON lineage_writes (artifact);

-- What an attempt needed over its time: a slot for every so many ms, the highest need in it. None for
-- attempts of a moment.
CREATE TABLE memory_curves (
  attempt_id TEXT PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
  step_ms INTEGER NOT NULL CHECK (step_ms > 0),
  need_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The box, a row for each minute in which something ran or waited; trimmed by age. The byte seconds are
-- sums over the time, the rest is the worst of the minute.
CREATE TABLE box_minutes (
  -- Where the minute begins.
  at INTEGER PRIMARY KEY,
  available_bytes INTEGER NOT NULL,
  -- PSI avg10 of memory, percent; NULL where the kernel has none.
  pressure_full REAL,
  pressure_some REAL,
  -- Limits of what ran, and what it needed.
  limit_bytes INTEGER NOT NULL,
  need_bytes INTEGER NOT NULL,
  limit_byte_seconds REAL NOT NULL,
  need_byte_seconds REAL NOT NULL,
  running INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  -- What was in force: what may be promised, and what is kept free.
  budget_bytes INTEGER NOT NULL,
  floor_bytes INTEGER NOT NULL,
  -- What the first in line waited for.
  head_wait TEXT
) STRICT;

-- The newest row is never deleted, so a number is never given twice without AUTOINCREMENT, whose own
-- table would be one more page in every commit.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  run_id TEXT,
  attempt_id TEXT,
  facts_json TEXT NOT NULL
) STRICT;

-- When did the daemon begin and end, and whatever else belongs to no run?
CREATE INDEX events_of_box ON events (at) WHERE run_id IS NULL;

-- What must outlive the daemon and belongs to no run: the hold, the newest id, counters.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is known of a schedule besides its file. A row stays when the file goes: its instants have been.
CREATE TABLE schedules (
  name TEXT PRIMARY KEY,
  -- A person's word over the file's; NULL where nobody said anything.
  enabled INTEGER CHECK (enabled IN (0, 1)),
  -- Instants up to here have been dealt with.
  handled_at INTEGER NOT NULL,
  -- A person's word over the file's: who holds its clock.
  via TEXT CHECK (via IN ('blutd', 'systemd')),
  -- Failures in a row; what pauses it is there until a person enables it.
  failures INTEGER NOT NULL DEFAULT 0,
  paused_at INTEGER,
  -- Set while it is to be fired once more after a failure.
  retry_at INTEGER,
  retries INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- What the file of a schedule last said that could be used: it holds while the file is broken.
CREATE TABLE schedule_files (
  name TEXT PRIMARY KEY,
  -- NULL when it was broken from the beginning.
  text TEXT,
  -- Digest of what is broken now and has been told of; NULL when nothing is.
  told_digest TEXT
) STRICT, WITHOUT ROWID;

-- Which have failed too often?
CREATE INDEX schedules_paused ON schedules (name) WHERE paused_at IS NOT NULL;

-- An instant of a schedule, written in the transaction of the run that it starts: never two of one.
CREATE TABLE schedule_ticks (
  schedule TEXT NOT NULL,
  instant INTEGER NOT NULL,
  cause TEXT NOT NULL CHECK (cause IN ('clock', 'catch-up', 'retry', 'person')),
  state TEXT NOT NULL CHECK (
    state IN ('fired', 'succeeded', 'failed', 'cancelled', 'skipped', 'missed', 'refused')
  ),
  -- When it was dealt with.
  at INTEGER NOT NULL,
  run_id TEXT,
  -- In words, for an instant that has no run.
  because TEXT,
  -- A row may stand for many that were missed in a row: how many, and the first; `instant` is the last.
  count INTEGER NOT NULL CHECK (count = 1 OR (count > 1 AND state = 'missed')),
  since INTEGER NOT NULL CHECK (since <= instant),
  CHECK ((state IN ('fired', 'succeeded', 'failed', 'cancelled')) = (run_id IS NOT NULL)),
  PRIMARY KEY (schedule, instant)
) STRICT, WITHOUT ROWID;

-- Which runs have not ended, and which instant did a run come from?
CREATE INDEX schedule_ticks_open ON schedule_ticks (schedule, instant) WHERE state = 'fired';
-- What was dealt with since?
CREATE INDEX schedule_ticks_by_age ON schedule_ticks (at, schedule, instant);
CREATE INDEX schedule_ticks_by_run ON schedule_ticks (run_id) WHERE run_id IS NOT NULL;

-- What happened since the database was made, by name: it only grows, whatever is forgotten of what it counts.
-- `runs.failed`, `attempts.lost`, `attempts.killed-from-outside.oomd`, `cache.misses`, `ticks.fired`.
CREATE TABLE totals (
  name TEXT PRIMARY KEY,
  amount INTEGER NOT NULL CHECK (amount > 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER runs_total AFTER UPDATE OF ended_at ON runs
WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
BEGIN
  INSERT INTO totals (name, amount) VALUES ('runs.' || NEW.state, 1)
  ON CONFLICT (name) DO UPDATE SET amount = amount + 1;
END;

CREATE TRIGGER attempts_total AFTER UPDATE OF outcome_json ON attempts
WHEN OLD.outcome_json IS NULL AND NEW.outcome_json IS NOT NULL
BEGIN
  INSERT INTO totals (name, amount)
  VALUES (
    'attempts.' || (NEW.outcome_json ->> '$.cause') || ifnull('.' || (NEW.outcome_json ->> '$.by'), ''), 1
  )
  ON CONFLICT (name) DO UPDATE SET amount = amount + 1;
END;

-- Its key is known, and nothing was there by it.
CREATE TRIGGER steps_total_miss AFTER UPDATE OF state ON steps
WHEN OLD.state = 'resolving' AND NEW.state = 'ready' AND NEW.cache_key IS NOT NULL
BEGIN
  INSERT INTO totals (name, amount) VALUES ('cache.misses', 1)
  ON CONFLICT (name) DO UPDATE SET amount = amount + 1;
END;

CREATE TRIGGER ticks_total_insert AFTER INSERT ON schedule_ticks BEGIN
  INSERT INTO totals (name, amount) VALUES ('ticks.' || NEW.state, NEW.count)
  ON CONFLICT (name) DO UPDATE SET amount = amount + excluded.amount;
END;

CREATE TRIGGER ticks_total_move AFTER UPDATE OF state ON schedule_ticks WHEN OLD.state <> NEW.state BEGIN
  INSERT INTO totals (name, amount) VALUES ('ticks.' || NEW.state, 1)
  ON CONFLICT (name) DO UPDATE SET amount = amount + 1;
END;

-- What people are told. One notice is open at most and takes in what happens; it is `due` while it is being
-- delivered and `over` when every way was tried.
CREATE TABLE notices (
  number INTEGER PRIMARY KEY,
  -- Random, so that a receiver of several boxes can tell a notice that comes twice.
  id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('open', 'due', 'over')),
  opened_at INTEGER NOT NULL,
  over_at INTEGER,
  news_json TEXT NOT NULL,
  -- What came of each way.
  outcomes_json TEXT,
  CHECK ((state = 'over') = (over_at IS NOT NULL)),
  CHECK ((state = 'over') = (outcomes_json IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX notices_waiting ON notices (state) WHERE state <> 'over';

-- Names whose last run failed and which people were told of: their next success is news.
CREATE TABLE failing_names (
  name TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  failures INTEGER NOT NULL CHECK (failures > 0)
) STRICT, WITHOUT ROWID;

-- Which is forgotten first?
CREATE INDEX failing_names_by_age ON failing_names (since, name);
