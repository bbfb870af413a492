-- Times are epoch seconds. Names and command lines are data from strangers: they are never part of a statement.

CREATE TABLE cycle (
  tick        INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  sensor      TEXT    NOT NULL,           -- kernel | procfs
  plan        TEXT    NOT NULL,           -- act | hold
  because     TEXT,                       -- why it held
  candidates  TEXT    NOT NULL,           -- JSON: every container weighed, its score, why it was spared
  low_before  INTEGER NOT NULL, high_before INTEGER NOT NULL, unknown_before INTEGER NOT NULL,
  low_after   INTEGER NOT NULL, high_after  INTEGER NOT NULL, unknown_after  INTEGER NOT NULL,
  removed     INTEGER NOT NULL,
  started     INTEGER NOT NULL,
  sense_ms    REAL    NOT NULL,
  decide_ms   REAL    NOT NULL,
  act_ms      REAL    NOT NULL,
  rss_kb      INTEGER NOT NULL            -- the loop's own memory
) STRICT;
CREATE INDEX cycle_at ON cycle (at);

CREATE TABLE host_sample (
  at                 INTEGER PRIMARY KEY,
  cpus               INTEGER NOT NULL,
  total_kb           INTEGER NOT NULL,
  free_kb            INTEGER NOT NULL,
  available_kb       INTEGER NOT NULL,
  used_kb            INTEGER NOT NULL,    -- total - available
  cpu_percent        REAL,                -- 100 = one core; null in the first cycle
  load1              REAL,
  memory_full_avg10  REAL,                -- PSI
  memory_some_avg10  REAL,
  io_full_avg10      REAL,
  cpu_some_avg10     REAL,
  process_total      INTEGER
) STRICT;

-- One row per container ever seen: its life and its peaks.
CREATE TABLE container (
  key               INTEGER PRIMARY KEY,
  id                TEXT    NOT NULL UNIQUE,
  name              TEXT    NOT NULL,
  image             TEXT    NOT NULL,
  managed           INTEGER NOT NULL,
  protected         INTEGER NOT NULL,
  declared_class    TEXT,                 -- label vigia.class: what it was started as, nothing more
  pid               INTEGER,
  level             TEXT    NOT NULL,     -- low | high | unknown: the newest verdict
  first_seen        INTEGER NOT NULL,
  last_seen         INTEGER NOT NULL,
  removed_at        INTEGER,              -- removed by Vigía
  removed_because   TEXT,
  peak_rss_kb       INTEGER NOT NULL,
  peak_mem_percent  REAL    NOT NULL,
  peak_cpu_percent  REAL                  -- null while no rate is known
) STRICT;
CREATE INDEX container_last_seen ON container (last_seen);
CREATE INDEX container_removed_at ON container (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX container_peak_rss ON container (peak_rss_kb);
CREATE INDEX container_peak_cpu ON container (peak_cpu_percent);

CREATE TABLE container_sample (
  at                INTEGER NOT NULL,
  container         INTEGER NOT NULL REFERENCES container (key) ON DELETE CASCADE,
  level             TEXT    NOT NULL,
  because           TEXT    NOT NULL,     -- why this class
  start_ns          INTEGER NOT NULL,     -- identity of this run, with container.pid
  monotonic_ns      INTEGER NOT NULL,     -- when cpu_time_ns was read
  cpu_time_ns       INTEGER NOT NULL,
  cpu_percent       REAL,                 -- 100 = one core; null in the first sample
  vsz_kb            INTEGER NOT NULL,
  rss_kb            INTEGER NOT NULL,
  mem_percent       REAL    NOT NULL,
  memory_current_kb INTEGER,
  memory_limit_kb   INTEGER,
  process_count     INTEGER NOT NULL,
  io_read_bytes     INTEGER,
  io_write_bytes    INTEGER,
  net_rx_bytes      INTEGER,
  net_tx_bytes      INTEGER,
  PRIMARY KEY (container, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX container_sample_at ON container_sample (at);

-- The N greediest processes by CPU and by RSS; the counts of all of them are in process_count.
CREATE TABLE process_sample (
  at            INTEGER NOT NULL,
  pid           INTEGER NOT NULL,
  name          TEXT    NOT NULL,
  cmdline       TEXT,
  state         TEXT    NOT NULL,
  uid           INTEGER NOT NULL,
  cpu_percent   REAL    NOT NULL,         -- since the previous cycle; over its life when it is new
  vsz_kb        INTEGER NOT NULL,
  rss_kb        INTEGER NOT NULL,
  mem_percent   REAL    NOT NULL,
  io_read_bytes INTEGER,
  io_write_bytes INTEGER,
  container_id  TEXT,
  PRIMARY KEY (at, pid)
) STRICT, WITHOUT ROWID;

CREATE TABLE process_count (
  at     INTEGER NOT NULL,
  state  TEXT    NOT NULL,                -- R S D T t Z X I
  count  INTEGER NOT NULL,
  PRIMARY KEY (at, state)
) STRICT, WITHOUT ROWID;

-- One row per action that was planned, with what came of it.
CREATE TABLE action (
  id            INTEGER PRIMARY KEY,
  tick          INTEGER NOT NULL REFERENCES cycle (tick) ON DELETE CASCADE,
  at            INTEGER NOT NULL,
  kind          TEXT    NOT NULL,         -- remove | start
  container_id  TEXT,                     -- null when a start failed
  name          TEXT    NOT NULL,
  level         TEXT,
  because       TEXT    NOT NULL,
  result        TEXT    NOT NULL,         -- done | skipped | failed
  detail        TEXT    NOT NULL,
  took_ms       REAL    NOT NULL
) STRICT;
CREATE INDEX action_at ON action (at);
CREATE INDEX action_container ON action (container_id);

CREATE TABLE fault (
  id       INTEGER PRIMARY KEY,
  tick     INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  sensor   TEXT    NOT NULL,
  message  TEXT    NOT NULL,
  blind    INTEGER NOT NULL               -- 1: the cycle held because of it
) STRICT;
CREATE INDEX fault_at ON fault (at);
