-- What the samples become: rows of 20 s for days, of 5 minutes for months, of an hour for years. Every tier is computed
-- from the samples themselves, so that an hour's row says exactly what an hour of samples says.

-- How far each tier is written: every bucket that begins before `done` is.
CREATE TABLE tier (
  step  INTEGER PRIMARY KEY,              -- seconds in a bucket: 300 | 3600
  done  INTEGER NOT NULL                  -- a multiple of step
) STRICT;
INSERT INTO tier (step, done) VALUES (300, 0), (3600, 0);

CREATE TABLE host_tier (
  step                  INTEGER NOT NULL,
  at                    INTEGER NOT NULL, -- the bucket's beginning
  samples               INTEGER NOT NULL,
  cpus                  INTEGER NOT NULL,
  total_kb              INTEGER NOT NULL,
  free_kb_min           INTEGER NOT NULL, free_kb_avg           REAL NOT NULL, free_kb_max           INTEGER NOT NULL,
  available_kb_min      INTEGER NOT NULL, available_kb_avg      REAL NOT NULL, available_kb_max      INTEGER NOT NULL,
  used_kb_min           INTEGER NOT NULL, used_kb_avg           REAL NOT NULL, used_kb_max           INTEGER NOT NULL,
  cpu_percent_min       REAL,             cpu_percent_avg       REAL,          cpu_percent_max       REAL,
  load1_min             REAL,             load1_avg             REAL,          load1_max             REAL,
  memory_full_avg10_min REAL,             memory_full_avg10_avg REAL,          memory_full_avg10_max REAL,
  memory_some_avg10_min REAL,             memory_some_avg10_avg REAL,          memory_some_avg10_max REAL,
  io_full_avg10_min     REAL,             io_full_avg10_avg     REAL,          io_full_avg10_max     REAL,
  cpu_some_avg10_min    REAL,             cpu_some_avg10_avg    REAL,          cpu_some_avg10_max    REAL,
  process_total_min     INTEGER,          process_total_avg     REAL,          process_total_max     INTEGER,
  PRIMARY KEY (step, at)
) STRICT, WITHOUT ROWID;

-- What the daemon itself did. low, high, unknown: how many ran when the cycle was over.
CREATE TABLE cycle_tier (
  step         INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  cycles       INTEGER NOT NULL,
  holds        INTEGER NOT NULL,
  faults       INTEGER NOT NULL,
  removed      INTEGER NOT NULL,
  started      INTEGER NOT NULL,
  throttled    INTEGER NOT NULL,
  released     INTEGER NOT NULL,
  low_min      INTEGER NOT NULL, low_avg      REAL NOT NULL, low_max      INTEGER NOT NULL,
  high_min     INTEGER NOT NULL, high_avg     REAL NOT NULL, high_max     INTEGER NOT NULL,
  unknown_min  INTEGER NOT NULL, unknown_avg  REAL NOT NULL, unknown_max  INTEGER NOT NULL,
  sense_ms_min REAL    NOT NULL, sense_ms_avg REAL NOT NULL, sense_ms_max REAL    NOT NULL,
  act_ms_min   REAL    NOT NULL, act_ms_avg   REAL NOT NULL, act_ms_max   REAL    NOT NULL,
  rss_kb_min   INTEGER NOT NULL, rss_kb_avg   REAL NOT NULL, rss_kb_max   INTEGER NOT NULL,
  PRIMARY KEY (step, at)
) STRICT, WITHOUT ROWID;

-- All containers of a class together, those that lived for seconds included. A value is the sum over the class at one
-- moment; min, avg and max are over the moments of the bucket at which any container was sampled: a class that had none
-- at a moment counts as 0 there.
CREATE TABLE class_tier (
  step               INTEGER NOT NULL,
  at                 INTEGER NOT NULL,
  managed            INTEGER NOT NULL,
  level              TEXT    NOT NULL,    -- low | high | unknown
  moments            INTEGER NOT NULL,
  seen               INTEGER NOT NULL,    -- different containers in the bucket
  containers_min     INTEGER NOT NULL, containers_avg     REAL NOT NULL, containers_max     INTEGER NOT NULL,
  cpu_percent_min    REAL    NOT NULL, cpu_percent_avg    REAL NOT NULL, cpu_percent_max    REAL    NOT NULL,
  rss_kb_min         INTEGER NOT NULL, rss_kb_avg         REAL NOT NULL, rss_kb_max         INTEGER NOT NULL,
  memory_used_kb_min INTEGER NOT NULL, memory_used_kb_avg REAL NOT NULL, memory_used_kb_max INTEGER NOT NULL,
  PRIMARY KEY (step, at, managed, level)
) STRICT, WITHOUT ROWID;

-- One container by itself: only those that live for ten minutes or more. Counters are what they were at the bucket's end:
-- what happened in a bucket is the difference from the one before.
CREATE TABLE container_tier (
  step                 INTEGER NOT NULL,
  at                   INTEGER NOT NULL,
  container            INTEGER NOT NULL REFERENCES container (key) ON DELETE CASCADE,
  samples              INTEGER NOT NULL,
  high_samples         INTEGER NOT NULL,  -- of these, how many classified it as high
  cpu_percent_min      REAL,             cpu_percent_avg    REAL,          cpu_percent_max    REAL,
  rss_kb_min           INTEGER NOT NULL, rss_kb_avg         REAL NOT NULL, rss_kb_max         INTEGER NOT NULL,
  memory_used_kb_min   INTEGER,          memory_used_kb_avg REAL,          memory_used_kb_max INTEGER,
  process_count_min    INTEGER NOT NULL, process_count_avg  REAL NOT NULL, process_count_max  INTEGER NOT NULL,
  memory_limit_kb      INTEGER,
  cpu_throttled_ns     INTEGER,
  io_read_bytes        INTEGER,
  io_write_bytes       INTEGER,
  block_read_bytes     INTEGER,
  block_write_bytes    INTEGER,
  net_rx_bytes         INTEGER,
  net_tx_bytes         INTEGER,
  memory_full_total_us INTEGER,
  cpu_some_total_us    INTEGER,
  io_full_total_us     INTEGER,
  PRIMARY KEY (step, at, container)
) STRICT, WITHOUT ROWID;
CREATE INDEX container_tier_container ON container_tier (container, step, at);

CREATE TABLE process_count_tier (
  step       INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  state      TEXT    NOT NULL,
  count_min  INTEGER NOT NULL, count_avg REAL NOT NULL, count_max INTEGER NOT NULL,
  PRIMARY KEY (step, at, state)
) STRICT, WITHOUT ROWID;

-- Processes by name, all of one name together: the ten greediest names by CPU and by RSS of each bucket. Over the moments
-- at which the name was among the greediest: elsewhere it was not sampled, which is not 0.
CREATE TABLE process_tier (
  step             INTEGER NOT NULL,
  at               INTEGER NOT NULL,
  name             TEXT    NOT NULL,
  moments          INTEGER NOT NULL,
  cpu_percent_min  REAL    NOT NULL, cpu_percent_avg REAL NOT NULL, cpu_percent_max REAL    NOT NULL,
  rss_kb_min       INTEGER NOT NULL, rss_kb_avg      REAL NOT NULL, rss_kb_max      INTEGER NOT NULL,
  PRIMARY KEY (step, at, name)
) STRICT, WITHOUT ROWID;

-- Lives of under ten minutes, once their samples are gone: what is worth knowing of them, in a quarter of the bytes.
CREATE TABLE lifetime (
  key               INTEGER PRIMARY KEY,  -- its own, not the one it had in container
  id                TEXT    NOT NULL,     -- its first twelve digits, as the engine's own tools show it
  name              TEXT    NOT NULL,
  image             TEXT    NOT NULL,
  managed           INTEGER NOT NULL,
  protected         INTEGER NOT NULL,
  pid               INTEGER,
  level             TEXT    NOT NULL,
  first_seen        INTEGER NOT NULL,
  last_seen         INTEGER NOT NULL,
  removed_at        INTEGER,
  peak_rss_kb       INTEGER NOT NULL,
  peak_mem_percent  REAL    NOT NULL,
  peak_cpu_percent  REAL
) STRICT;
CREATE INDEX lifetime_last_seen ON lifetime (last_seen);
CREATE INDEX lifetime_peak_rss ON lifetime (peak_rss_kb);
CREATE INDEX lifetime_peak_cpu ON lifetime (peak_cpu_percent);

-- Lives that are no longer kept one by one, by the day of their end.
CREATE TABLE lifetime_day (
  day               INTEGER NOT NULL,     -- its beginning, UTC
  managed           INTEGER NOT NULL,
  image             TEXT    NOT NULL,
  level             TEXT    NOT NULL,
  lives             INTEGER NOT NULL,
  removed           INTEGER NOT NULL,     -- of these, by Vigía
  seconds           INTEGER NOT NULL,     -- lived, all together
  longest_seconds   INTEGER NOT NULL,
  peak_rss_kb       INTEGER NOT NULL,     -- the greatest of any
  peak_cpu_percent  REAL,
  PRIMARY KEY (day, managed, image, level)
) STRICT, WITHOUT ROWID;

-- The greediest of all time that are kept nowhere else: a hundred by peak RSS and a hundred by peak CPU.
CREATE TABLE lifetime_top (
  key               INTEGER PRIMARY KEY,
  id                TEXT    NOT NULL,
  name              TEXT    NOT NULL,
  image             TEXT    NOT NULL,
  managed           INTEGER NOT NULL,
  protected         INTEGER NOT NULL,
  pid               INTEGER,
  level             TEXT    NOT NULL,
  first_seen        INTEGER NOT NULL,
  last_seen         INTEGER NOT NULL,
  removed_at        INTEGER,
  peak_rss_kb       INTEGER NOT NULL,
  peak_mem_percent  REAL    NOT NULL,
  peak_cpu_percent  REAL
) STRICT;

-- Every life that is still known, wherever it is kept; each is in one of the three. "key" is unique in each of them only.
CREATE VIEW life AS
  SELECT key, id, name, image, managed, protected, pid, level, first_seen, last_seen, removed_at,
         peak_rss_kb, peak_mem_percent, peak_cpu_percent FROM container
  UNION ALL
  SELECT key, id, name, image, managed, protected, pid, level, first_seen, last_seen, removed_at,
         peak_rss_kb, peak_mem_percent, peak_cpu_percent FROM lifetime
  UNION ALL
  SELECT key, id, name, image, managed, protected, pid, level, first_seen, last_seen, removed_at,
         peak_rss_kb, peak_mem_percent, peak_cpu_percent FROM lifetime_top;

-- A decision in one line: every cycle that acted, and every one that held for another reason than that nothing was to do.
CREATE TABLE decision_line (
  at         INTEGER NOT NULL,
  tick       INTEGER NOT NULL,
  removed    INTEGER NOT NULL,            -- of low, high and without a class
  started    INTEGER NOT NULL,
  throttled  INTEGER NOT NULL,
  released   INTEGER NOT NULL,
  failed     INTEGER NOT NULL,
  line       TEXT    NOT NULL,
  PRIMARY KEY (at, tick)
) STRICT, WITHOUT ROWID;

-- Who was weighed, what was planned, what came of it: JSON, deflated. Only of cycles that acted. Before this version
-- cycle.candidates had the first of these as plain text; it is '[]' since. Of IDs the first twelve digits, of shares four.
CREATE TABLE evidence (
  tick  INTEGER PRIMARY KEY REFERENCES cycle (tick) ON DELETE CASCADE,
  body  BLOB NOT NULL                     -- {candidates, outcomes}
) STRICT;

-- What a cycle knew (but for the processes that nobody decides by) and what it made of it, exactly:
-- JSON, deflated. What `vigia replay` decides anew. By tick: two cycles may begin within the same second.
CREATE TABLE snapshot (
  tick  INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL,
  whole INTEGER NOT NULL,                 -- 1: can be read by itself; 0: only beside the JSON of the row before
  body  BLOB    NOT NULL
) STRICT;
CREATE INDEX snapshot_at ON snapshot (at);

-- The host owner's own scripts, run on what happened in a cycle, and what came of them.
CREATE TABLE script_run (
  id         INTEGER PRIMARY KEY,
  tick       INTEGER NOT NULL,
  at         INTEGER NOT NULL,            -- of the event
  event      TEXT    NOT NULL,            -- removed | started | emergency | ...: model/script.ts
  script     TEXT    NOT NULL,            -- its path
  result     TEXT    NOT NULL,            -- done | failed | killed | refused | dropped
  exit_code  INTEGER,
  output     TEXT    NOT NULL,            -- the beginning of it; or why it was not run
  took_ms    REAL    NOT NULL
) STRICT;
CREATE INDEX script_run_at ON script_run (at);

-- Sums since the file was begun: rows are deleted in time, and a counter must never fall.
CREATE TABLE total (
  kind    TEXT    NOT NULL,               -- cycle | hold | fault | remove | start | throttle | release
  result  TEXT    NOT NULL,               -- of an action: done | skipped | failed; else empty
  value   INTEGER NOT NULL,
  PRIMARY KEY (kind, result)
) STRICT, WITHOUT ROWID;

-- What is looked for in order to be deleted, or moved. Without the first, each deleted cycle would read all of action.
CREATE INDEX action_tick ON action (tick);
CREATE INDEX cycle_hold_at ON cycle (at) WHERE plan = 'hold';
CREATE INDEX container_short_last_seen ON container (last_seen) WHERE last_seen - first_seen < 600;
