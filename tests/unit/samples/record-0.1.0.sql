-- A record of version 0.1.0, as text: five cycles of a simulated host, and the note of a sixth that was interrupted.
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
  net_tx_bytes      INTEGER, memory_used_kb INTEGER, cpu_throttled_ns INTEGER, cpu_throttled_periods INTEGER, block_read_bytes INTEGER, block_write_bytes INTEGER, memory_some_avg10 REAL, memory_some_total_us INTEGER, memory_full_avg10 REAL, memory_full_total_us INTEGER, cpu_some_avg10 REAL, cpu_some_total_us INTEGER, cpu_full_avg10 REAL, cpu_full_total_us INTEGER, io_some_avg10 REAL, io_some_total_us INTEGER, io_full_avg10 REAL, io_full_total_us INTEGER, breaches TEXT, cpu_limit_percent REAL,
  PRIMARY KEY (container, at)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE fault (
  id       INTEGER PRIMARY KEY,
  tick     INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  sensor   TEXT    NOT NULL,
  message  TEXT    NOT NULL,
  blind    INTEGER NOT NULL               -- 1: the cycle held because of it
) STRICT;
CREATE TABLE tier (
  step  INTEGER PRIMARY KEY,              -- seconds in a bucket: 300 | 3600
  done  INTEGER NOT NULL                  -- a multiple of step
) STRICT;
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
CREATE TABLE process_count_tier (
  step       INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  state      TEXT    NOT NULL,
  count_min  INTEGER NOT NULL, count_avg REAL NOT NULL, count_max INTEGER NOT NULL,
  PRIMARY KEY (step, at, state)
) STRICT, WITHOUT ROWID;
CREATE TABLE process_tier (
  step             INTEGER NOT NULL,
  at               INTEGER NOT NULL,
  name             TEXT    NOT NULL,
  moments          INTEGER NOT NULL,
  cpu_percent_min  REAL    NOT NULL, cpu_percent_avg REAL NOT NULL, cpu_percent_max REAL    NOT NULL,
  rss_kb_min       INTEGER NOT NULL, rss_kb_avg      REAL NOT NULL, rss_kb_max      INTEGER NOT NULL,
  PRIMARY KEY (step, at, name)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE evidence (
  tick  INTEGER PRIMARY KEY REFERENCES cycle (tick) ON DELETE CASCADE,
  body  BLOB NOT NULL                     -- {candidates, outcomes}
) STRICT;
CREATE TABLE snapshot (
  tick  INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL,
  whole INTEGER NOT NULL,                 -- 1: can be read by itself; 0: only beside the JSON of the row before
  body  BLOB    NOT NULL
) STRICT;
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
CREATE TABLE observation (
  image        TEXT    NOT NULL,           -- repository, without tag or digest
  slot         INTEGER NOT NULL,
  taken        INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  cpu_percent  REAL    NOT NULL,           -- 100 = one core
  mem_percent  REAL    NOT NULL,           -- of RAM
  PRIMARY KEY (image, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE total (
  kind    TEXT    NOT NULL,               -- cycle | hold | fault | remove | restart | start | throttle | release
  result  TEXT    NOT NULL,               -- of an action: done | skipped | failed; else empty
  value   INTEGER NOT NULL,
  PRIMARY KEY (kind, result)
) STRICT, WITHOUT ROWID;
CREATE TABLE begun (
  tick  INTEGER PRIMARY KEY,
  body  BLOB NOT NULL                     -- the decision so far, without what was sensed: JSON, deflated
) STRICT;
CREATE INDEX cycle_at ON cycle (at);
CREATE INDEX container_last_seen ON container (last_seen);
CREATE INDEX container_removed_at ON container (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX container_peak_rss ON container (peak_rss_kb);
CREATE INDEX container_peak_cpu ON container (peak_cpu_percent);
CREATE INDEX container_sample_at ON container_sample (at);
CREATE INDEX action_at ON action (at);
CREATE INDEX action_container ON action (container_id);
CREATE INDEX fault_at ON fault (at);
CREATE INDEX container_tier_container ON container_tier (container, step, at);
CREATE INDEX lifetime_last_seen ON lifetime (last_seen);
CREATE INDEX lifetime_peak_rss ON lifetime (peak_rss_kb);
CREATE INDEX lifetime_peak_cpu ON lifetime (peak_cpu_percent);
CREATE INDEX snapshot_at ON snapshot (at);
CREATE INDEX script_run_at ON script_run (at);
CREATE INDEX action_tick ON action (tick);
CREATE INDEX cycle_hold_at ON cycle (at) WHERE plan = 'hold';
CREATE INDEX container_short_last_seen ON container (last_seen) WHERE last_seen - first_seen < 600;
CREATE INDEX container_long_last_seen ON container (last_seen) WHERE last_seen - first_seen >= 600;
CREATE VIEW life AS
  SELECT key, id, name, image, managed, protected, pid, level, first_seen, last_seen, removed_at,
         peak_rss_kb, peak_mem_percent, peak_cpu_percent FROM container
  UNION ALL
  SELECT key, id, name, image, managed, protected, pid, level, first_seen, last_seen, removed_at,
         peak_rss_kb, peak_mem_percent, peak_cpu_percent FROM lifetime
  UNION ALL
  SELECT key, id, name, image, managed, protected, pid, level, first_seen, last_seen, removed_at,
         peak_rss_kb, peak_mem_percent, peak_cpu_percent FROM lifetime_top;
INSERT INTO cycle VALUES (1, 1796048312, 'kernel', 'act', NULL, '[]', 0, 0, 2, 3, 2, 2, 0, 5, 60, 0, 400, 61130);
INSERT INTO cycle VALUES (2, 1796048332, 'kernel', 'hold', 'nothing to do: the quotas stand', '[]', 1, 1, 5, 4, 3, 0, 0, 0, 60, 0, 0, 61260);
INSERT INTO cycle VALUES (3, 1796048352, 'kernel', 'act', NULL, '[]', 4, 3, 0, 3, 2, 0, 2, 0, 60, 0, 313.324635, 61390);
INSERT INTO cycle VALUES (4, 1796048372, 'kernel', 'hold', 'nothing to do: the quotas stand', '[]', 3, 2, 11, 3, 2, 11, 0, 0, 60, 0, 0, 61520);
INSERT INTO cycle VALUES (5, 1796048392, 'kernel', 'act', NULL, '[]', 4, 11, 0, 3, 2, 0, 11, 0, 60, 0, 694.63579, 61650);
INSERT INTO host_sample VALUES (1796048312, 2, 4000000, 2878689, 2878689, 1121311, NULL, 0.8500050887765574, 0, 0.7250127219413935, 0.10001017755311487, 3.2500254438827874, 175);
INSERT INTO host_sample VALUES (1796048332, 2, 4000000, 2805195, 2805195, 1194805, 21.483091831067142, 0.8988727887378095, 0, 0.8471819718445236, 0.19774557747561894, 3.4943639436890472, 182);
INSERT INTO host_sample VALUES (1796048352, 2, 4000000, 2805195, 2805195, 1194805, 22.182621403204344, 0.9455080935469562, 0, 0.9637702338673904, 0.29101618709391225, 3.7275404677347805, 181);
INSERT INTO host_sample VALUES (1796048372, 2, 4000000, 2806331, 2806331, 1193669, 22.83348623620124, 0.9888990824134164, 0, 1.072247706033541, 0.3777981648268327, 3.9444954120670817, 192);
INSERT INTO host_sample VALUES (1796048392, 2, 4000000, 2445013, 2445013, 1554987, 23.42231496884491, 1.0281543312563268, 0, 1.170385828140817, 0.4563086625126537, 4.140771656281634, 188);
INSERT INTO container VALUES (1, '02ff152c00000000000000000000000000000000000000000000000000000001', 'vigia-grafana', 'grafana/grafana:13.2.1', 0, 1, NULL, 1001, 'high', 1796048312, 1796048392, NULL, NULL, 149307, 3.732675, 1.123916515);
INSERT INTO container VALUES (2, 'b2f38b9600000000000000000000000000000000000000000000000000000002', 'database-2', 'postgres:18', 0, 0, NULL, 1002, 'high', 1796048312, 1796048392, NULL, NULL, 281104, 7.0276, 18.036131715);
INSERT INTO container VALUES (3, '775b059500000000000000000000000000000000000000000000000000000003', 'cache-3', 'valkey:9', 1, 1, NULL, 1003, 'high', 1796048312, 1796048392, NULL, NULL, 90000, 2.25, 1.479850375);
INSERT INTO container VALUES (4, 'bad59ed800000000000000000000000000000000000000000000000000000004', 'lamp-4', 'grafana/grafana:13.2.1', 1, 1, NULL, 1004, 'low', 1796048312, 1796048392, NULL, NULL, 900, 0.0225, 0.002578155);
INSERT INTO container VALUES (5, 'c39b651200000000000000000000000000000000000000000000000000000005', 'vigia-idle-floor-ca2b7fe3', 'vigia/idle', 1, 0, 'low', 1005, 'low', 1796048332, 1796048392, NULL, NULL, 539, 0.013475, 0.005184025);
INSERT INTO container VALUES (6, '5e3288cd00000000000000000000000000000000000000000000000000000006', 'vigia-idle-floor-3789fbfc', 'vigia/idle', 1, 0, 'low', 1006, 'low', 1796048332, 1796048352, 1796048352, '4 low where 3 stay; CPU 0.003 % ≤ 0.09 % and memory 0.015 % ≤ 0.16 %', 607, 0.015175, 0.00293247);
INSERT INTO container VALUES (7, '4bdc4c9500000000000000000000000000000000000000000000000000000007', 'vigia-idle-floor-fd8cc619', 'vigia/idle', 1, 0, 'low', 1007, 'low', 1796048332, 1796048392, NULL, NULL, 550, 0.01375, 0.009779465);
INSERT INTO container VALUES (8, 'e0b629e000000000000000000000000000000000000000000000000000000008', 'vigia-cpu-floor-eede5fa4', 'vigia/cpu', 1, 0, 'high', 1008, 'high', 1796048332, 1796048352, 1796048352, '3 high where 2 stay; CPU 23.8 % > 0.09 %', 529, 0.013225, 23.81583419);
INSERT INTO container VALUES (9, '2796c04c00000000000000000000000000000000000000000000000000000009', 'vigia-ram-floor-07fff7e7', 'vigia/ram', 1, 0, 'high', 1009, 'high', 1796048332, 1796048392, 1796048392, '11 high where 2 stay; memory 1.8 % > 0.16 %', 71269, 1.781725, 0.014547565);
INSERT INTO container VALUES (10, '8dbffcd20000000000000000000000000000000000000000000000000000000a', 'ram-10', 'vigia/ram', 1, 0, 'high', 1010, 'high', 1796048372, 1796048392, 1796048392, '11 high where 2 stay; memory 1.9 % > 0.16 %', 75644, 1.8911, 0.034004545000000004);
INSERT INTO container VALUES (11, 'ebd414eb0000000000000000000000000000000000000000000000000000000b', 'cpu-11', 'vigia/cpu', 1, 0, 'high', 1011, 'high', 1796048372, 1796048392, 1796048392, '11 high where 2 stay; CPU 20.8 % > 0.09 %', 535, 0.013375, 20.79956948);
INSERT INTO container VALUES (12, '6ce17dc70000000000000000000000000000000000000000000000000000000c', 'cpu-12', 'vigia/cpu', 1, 0, 'low', 1012, 'high', 1796048372, 1796048392, 1796048392, '11 high where 2 stay; CPU 21.8 % > 0.09 %', 654, 0.01635, 21.762124704999998);
INSERT INTO container VALUES (13, '6d3d3d880000000000000000000000000000000000000000000000000000000d', 'cpu-13', 'vigia/cpu', 1, 0, 'low', 1013, 'high', 1796048372, 1796048392, 1796048392, '11 high where 2 stay; CPU 38.9 % > 0.09 %', 641, 0.016025, 38.924423415);
INSERT INTO container VALUES (14, '54a557a50000000000000000000000000000000000000000000000000000000e', 'ram-14', 'vigia/ram', 1, 0, 'low', 1014, 'high', 1796048372, 1796048392, NULL, NULL, 66931, 1.673275, 0.00693956);
INSERT INTO container VALUES (15, '528a92cc0000000000000000000000000000000000000000000000000000000f', 'ram-15', 'vigia/ram', 1, 0, 'low', 1015, 'high', 1796048372, 1796048392, 1796048392, '11 high where 2 stay; memory 1.7 % > 0.16 %', 69060, 1.7265, 0.031610435);
INSERT INTO container VALUES (16, 'af2b416b00000000000000000000000000000000000000000000000000000010', 'idle-16', 'vigia/idle', 1, 0, 'high', 1016, 'low', 1796048372, 1796048392, 1796048392, '4 low where 3 stay; CPU 0.005 % ≤ 0.09 % and memory 0.017 % ≤ 0.16 %', 665, 0.016625, 0.005478725);
INSERT INTO container VALUES (17, 'eb7d201700000000000000000000000000000000000000000000000000000011', 'cpu-17', 'vigia/cpu', 1, 0, 'low', 1017, 'high', 1796048372, 1796048392, 1796048392, '11 high where 2 stay; CPU 30.6 % > 0.09 %', 630, 0.01575, 30.598581785);
INSERT INTO container VALUES (18, 'f5e3390000000000000000000000000000000000000000000000000000000012', 'ram-18', 'vigia/ram', 1, 0, 'high', 1018, 'high', 1796048372, 1796048392, 1796048392, '11 high where 2 stay; memory 1.9 % > 0.16 %', 75622, 1.89055, 0.02971173);
INSERT INTO container VALUES (19, '8c6ef85200000000000000000000000000000000000000000000000000000013', 'ram-19', 'vigia/ram', 1, 0, 'high', 1019, 'high', 1796048372, 1796048392, 1796048392, '11 high where 2 stay; memory 1.8 % > 0.16 %', 70936, 1.7734, 0.000284995);
INSERT INTO container VALUES (20, 'b969dcfd00000000000000000000000000000000000000000000000000000014', 'brief-20', 'vigia/brief', 1, 0, 'high', 1020, 'unknown', 1796048372, 1796048392, 1796048392, 'it has ended (exited)', 695, 0.017375, NULL);
INSERT INTO container_sample VALUES (1796048312, 1, 'unknown', 'first reading: a rate needs two', 0, 60000000, 674350, NULL, 149307, 149307, 3.732675, 149307, NULL, 1, 0, 0, NULL, NULL, 149307, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 1, 'high', 'CPU 1.1 % > 0.09 %', 0, 20060000000, 225457653, 1.123916515, 149307, 149307, 3.732675, 149307, NULL, 1, 0, 0, NULL, NULL, 149307, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 1, 'high', 'CPU 1.1 % > 0.09 %', 0, 40060000000, 450240956, 1.123916515, 149307, 149307, 3.732675, 149307, NULL, 1, 0, 0, NULL, NULL, 149307, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 1, 'high', 'CPU 1.1 % > 0.09 %', 0, 60060000000, 675024259, 1.123916515, 149307, 149307, 3.732675, 149307, NULL, 1, 0, 0, NULL, NULL, 149307, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 1, 'high', 'CPU 1.1 % > 0.09 %', 0, 80060000000, 899807562, 1.123916515, 149307, 149307, 3.732675, 149307, NULL, 1, 0, 0, NULL, NULL, 149307, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048312, 2, 'unknown', 'first reading: a rate needs two', 0, 60000000, 10821679, NULL, 281104, 281104, 7.0276, 281104, NULL, 1, 0, 0, NULL, NULL, 281104, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 2, 'high', 'CPU 18.0 % > 0.09 %', 0, 20060000000, 3618048022, 18.036131715, 281104, 281104, 7.0276, 281104, NULL, 1, 0, 0, NULL, NULL, 281104, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 2, 'high', 'CPU 18.0 % > 0.09 %', 0, 40060000000, 7225274364, 18.03613171, 281104, 281104, 7.0276, 281104, NULL, 1, 0, 0, NULL, NULL, 281104, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 2, 'high', 'CPU 18.0 % > 0.09 %', 0, 60060000000, 10832500707, 18.036131715, 281104, 281104, 7.0276, 281104, NULL, 1, 0, 0, NULL, NULL, 281104, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 2, 'high', 'CPU 18.0 % > 0.09 %', 0, 80060000000, 14439727050, 18.036131715, 281104, 281104, 7.0276, 281104, NULL, 1, 0, 0, NULL, NULL, 281104, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048312, 3, 'unknown', 'first reading: a rate needs two', 0, 60000000, 887910, NULL, 90000, 90000, 2.25, 90000, NULL, 1, 0, 0, NULL, NULL, 90000, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 3, 'high', 'CPU 1.5 % > 0.09 %', 0, 20060000000, 296857985, 1.479850375, 90000, 90000, 2.25, 90000, NULL, 1, 0, 0, NULL, NULL, 90000, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 3, 'high', 'CPU 1.5 % > 0.09 %', 0, 40060000000, 592828059, 1.47985037, 90000, 90000, 2.25, 90000, NULL, 1, 0, 0, NULL, NULL, 90000, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 3, 'high', 'CPU 1.5 % > 0.09 %', 0, 60060000000, 888798133, 1.47985037, 90000, 90000, 2.25, 90000, NULL, 1, 0, 0, NULL, NULL, 90000, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 3, 'high', 'CPU 1.5 % > 0.09 %', 0, 80060000000, 1184768208, 1.479850375, 90000, 90000, 2.25, 90000, NULL, 1, 0, 0, NULL, NULL, 90000, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048312, 4, 'unknown', 'first reading: a rate needs two', 0, 60000000, 1547, NULL, 900, 900, 0.0225, 900, NULL, 1, 0, 0, NULL, NULL, 900, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 4, 'low', 'CPU 0.003 % ≤ 0.09 % and memory 0.022 % ≤ 0.16 %', 0, 20060000000, 517178, 0.002578155, 900, 900, 0.0225, 900, NULL, 1, 0, 0, NULL, NULL, 900, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 4, 'low', 'CPU 0.003 % ≤ 0.09 % and memory 0.022 % ≤ 0.16 %', 0, 40060000000, 1032809, 0.002578155, 900, 900, 0.0225, 900, NULL, 1, 0, 0, NULL, NULL, 900, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 4, 'low', 'CPU 0.003 % ≤ 0.09 % and memory 0.022 % ≤ 0.16 %', 0, 60060000000, 1548440, 0.002578155, 900, 900, 0.0225, 900, NULL, 1, 0, 0, NULL, NULL, 900, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 4, 'low', 'CPU 0.003 % ≤ 0.09 % and memory 0.022 % ≤ 0.16 %', 0, 80060000000, 2064071, 0.002578155, 900, 900, 0.0225, 900, NULL, 1, 0, 0, NULL, NULL, 900, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 5, 'unknown', 'first reading: a rate needs two', 60000000, 20060000000, 1036805, NULL, 539, 539, 0.013475, 539, NULL, 1, 0, 0, NULL, NULL, 539, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 5, 'low', 'CPU 0.005 % ≤ 0.09 % and memory 0.013 % ≤ 0.16 %', 60000000, 40060000000, 2073610, 0.005184025, 539, 539, 0.013475, 539, NULL, 1, 0, 0, NULL, NULL, 539, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 5, 'low', 'CPU 0.005 % ≤ 0.09 % and memory 0.013 % ≤ 0.16 %', 60000000, 60060000000, 3110415, 0.005184025, 539, 539, 0.013475, 539, NULL, 1, 0, 0, NULL, NULL, 539, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 5, 'low', 'CPU 0.005 % ≤ 0.09 % and memory 0.013 % ≤ 0.16 %', 60000000, 80060000000, 4147220, 0.005184025, 539, 539, 0.013475, 539, NULL, 1, 0, 0, NULL, NULL, 539, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 6, 'unknown', 'first reading: a rate needs two', 60000000, 20060000000, 586495, NULL, 607, 607, 0.015175, 607, NULL, 1, 0, 0, NULL, NULL, 607, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 6, 'low', 'CPU 0.003 % ≤ 0.09 % and memory 0.015 % ≤ 0.16 %', 60000000, 40060000000, 1172989, 0.00293247, 607, 607, 0.015175, 607, NULL, 1, 0, 0, NULL, NULL, 607, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 7, 'unknown', 'first reading: a rate needs two', 60000000, 20060000000, 1955892, NULL, 550, 550, 0.01375, 550, NULL, 1, 0, 0, NULL, NULL, 550, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 7, 'low', 'CPU 0.010 % ≤ 0.09 % and memory 0.014 % ≤ 0.16 %', 60000000, 40060000000, 3911784, 0.00977946, 550, 550, 0.01375, 550, NULL, 1, 0, 0, NULL, NULL, 550, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 7, 'low', 'CPU 0.010 % ≤ 0.09 % and memory 0.014 % ≤ 0.16 %', 60000000, 60060000000, 5867677, 0.009779465, 550, 550, 0.01375, 550, NULL, 1, 0, 0, NULL, NULL, 550, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 7, 'low', 'CPU 0.010 % ≤ 0.09 % and memory 0.014 % ≤ 0.16 %', 60000000, 80060000000, 7823569, 0.00977946, 550, 550, 0.01375, 550, NULL, 1, 0, 0, NULL, NULL, 550, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 8, 'unknown', 'first reading: a rate needs two', 60000000, 20060000000, 4763166837, NULL, 529, 529, 0.013225, 529, NULL, 1, 0, 0, NULL, NULL, 529, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 8, 'high', 'CPU 23.8 % > 0.09 %', 60000000, 40060000000, 9526333675, 23.81583419, 529, 529, 0.013225, 529, NULL, 1, 0, 0, NULL, NULL, 529, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048332, 9, 'unknown', 'first reading: a rate needs two', 60000000, 20060000000, 2909512, NULL, 71269, 71269, 1.781725, 71269, NULL, 1, 0, 0, NULL, NULL, 71269, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048352, 9, 'high', 'memory 1.8 % > 0.16 %', 60000000, 40060000000, 5819024, 0.01454756, 71269, 71269, 1.781725, 71269, NULL, 1, 0, 0, NULL, NULL, 71269, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 9, 'high', 'memory 1.8 % > 0.16 %', 60000000, 60060000000, 8728536, 0.01454756, 71269, 71269, 1.781725, 71269, NULL, 1, 0, 0, NULL, NULL, 71269, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 9, 'high', 'memory 1.8 % > 0.16 %', 60000000, 80060000000, 11638049, 0.014547565, 71269, 71269, 1.781725, 71269, NULL, 1, 0, 0, NULL, NULL, 71269, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 10, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 75644, 75644, 1.8911, 75644, NULL, 1, 0, 0, NULL, NULL, 75644, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 10, 'high', 'memory 1.9 % > 0.16 %', 60060000000, 80060000000, 6800909, 0.034004545000000004, 75644, 75644, 1.8911, 75644, NULL, 1, 0, 0, NULL, NULL, 75644, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 11, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 535, 535, 0.013375, 535, NULL, 1, 0, 0, NULL, NULL, 535, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 11, 'high', 'CPU 20.8 % > 0.09 %', 60060000000, 80060000000, 4159913896, 20.79956948, 535, 535, 0.013375, 535, NULL, 1, 0, 0, NULL, NULL, 535, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 12, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 654, 654, 0.01635, 654, NULL, 1, 0, 0, NULL, NULL, 654, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 12, 'high', 'CPU 21.8 % > 0.09 %', 60060000000, 80060000000, 4352424941, 21.762124704999998, 654, 654, 0.01635, 654, NULL, 1, 0, 0, NULL, NULL, 654, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 13, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 641, 641, 0.016025, 641, NULL, 1, 0, 0, NULL, NULL, 641, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 13, 'high', 'CPU 38.9 % > 0.09 %', 60060000000, 80060000000, 7784884683, 38.924423415, 641, 641, 0.016025, 641, NULL, 1, 0, 0, NULL, NULL, 641, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 14, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 66931, 66931, 1.673275, 66931, NULL, 1, 0, 0, NULL, NULL, 66931, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 14, 'high', 'memory 1.7 % > 0.16 %', 60060000000, 80060000000, 1387912, 0.00693956, 66931, 66931, 1.673275, 66931, NULL, 1, 0, 0, NULL, NULL, 66931, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 15, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 69060, 69060, 1.7265, 69060, NULL, 1, 0, 0, NULL, NULL, 69060, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 15, 'high', 'memory 1.7 % > 0.16 %', 60060000000, 80060000000, 6322087, 0.031610435, 69060, 69060, 1.7265, 69060, NULL, 1, 0, 0, NULL, NULL, 69060, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 16, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 665, 665, 0.016625, 665, NULL, 1, 0, 0, NULL, NULL, 665, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 16, 'low', 'CPU 0.005 % ≤ 0.09 % and memory 0.017 % ≤ 0.16 %', 60060000000, 80060000000, 1095745, 0.005478725, 665, 665, 0.016625, 665, NULL, 1, 0, 0, NULL, NULL, 665, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 17, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 630, 630, 0.01575, 630, NULL, 1, 0, 0, NULL, NULL, 630, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 17, 'high', 'CPU 30.6 % > 0.09 %', 60060000000, 80060000000, 6119716357, 30.598581785, 630, 630, 0.01575, 630, NULL, 1, 0, 0, NULL, NULL, 630, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 18, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 75622, 75622, 1.89055, 75622, NULL, 1, 0, 0, NULL, NULL, 75622, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 18, 'high', 'memory 1.9 % > 0.16 %', 60060000000, 80060000000, 5942346, 0.02971173, 75622, 75622, 1.89055, 75622, NULL, 1, 0, 0, NULL, NULL, 75622, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 19, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 70936, 70936, 1.7734, 70936, NULL, 1, 0, 0, NULL, NULL, 70936, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048392, 19, 'high', 'memory 1.8 % > 0.16 %', 60060000000, 80060000000, 56999, 0.000284995, 70936, 70936, 1.7734, 70936, NULL, 1, 0, 0, NULL, NULL, 70936, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO container_sample VALUES (1796048372, 20, 'unknown', 'first reading: a rate needs two', 60060000000, 60060000000, 0, NULL, 695, 695, 0.017375, 695, NULL, 1, 0, 0, NULL, NULL, 695, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO process_sample VALUES (1796048312, 300, 'systemd', '/sbin/init', 'S', 0, 0.1, 113400, 12613, 0.315, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 337, 'systemd-journal', '/usr/lib/systemd/systemd-journald', 'S', 0, 0.3, 163800, 18226, 0.455, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 374, 'dockerd', '/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock', 'S', 0, 2.4, 795600, 88439, 2.21, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 411, 'containerd', '/usr/bin/containerd', 'S', 0, 1.1, 420300, 46752, 1.1675, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 448, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts up', 'S', 0, 0.9, 553500, 61565, 1.5375, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 485, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts serve --with-parent', 'S', 0, 0.2, 530100, 58978, 1.4725, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 522, 'cron', '/usr/sbin/cron -f', 'S', 0, 0, 25200, 2891, 0.07, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 559, 'sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 'S', 0, 0, 81900, 9204, 0.2275, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 596, 'dbus-daemon', '/usr/bin/dbus-daemon --system --nofork', 'S', 0, 0, 42300, 4817, 0.1175, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 633, 'kworker/0:1-eve', '', 'I', 0, 0.4, 0, 130, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 670, 'rcu_preempt', '', 'I', 0, 0.1, 0, 143, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048312, 1001, 'vigia-grafana', '/grafana-grafana --forever', 'S', 0, 0, 447921, 149307, 3.732675, 120000, 48000, '02ff152c00000000000000000000000000000000000000000000000000000001');
INSERT INTO process_sample VALUES (1796048312, 1002, 'database-2', '/postgres --forever', 'S', 0, 0, 843312, 281104, 7.0276, 120000, 48000, 'b2f38b9600000000000000000000000000000000000000000000000000000002');
INSERT INTO process_sample VALUES (1796048312, 1003, 'cache-3', '/valkey --forever', 'S', 0, 0, 270000, 90000, 2.25, 120000, 48000, '775b059500000000000000000000000000000000000000000000000000000003');
INSERT INTO process_sample VALUES (1796048312, 1004, 'lamp-4', '/grafana-grafana --forever', 'S', 0, 0, 2700, 900, 0.0225, 120000, 48000, 'bad59ed800000000000000000000000000000000000000000000000000000004');
INSERT INTO process_sample VALUES (1796048332, 300, 'systemd', '/sbin/init', 'S', 0, 0.10050074999999997, 113400, 12626, 0.315, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 337, 'systemd-journal', '/usr/lib/systemd/systemd-journald', 'S', 0, 0.30225225000000006, 163800, 18252, 0.455, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 374, 'dockerd', '/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock', 'S', 0, 2.399946, 795600, 88478, 2.21, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 411, 'containerd', '/usr/bin/containerd', 'S', 0, 1.1027582500000002, 420300, 46804, 1.1675, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 448, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts up', 'S', 0, 0.90450675, 553500, 61630, 1.5375, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 485, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts serve --with-parent', 'S', 0, 0.20150150000000003, 530100, 59056, 1.4725, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 522, 'cron', '/usr/sbin/cron -f', 'S', 0, 0, 25200, 2982, 0.07, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 559, 'sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 'S', 0, 0, 81900, 9308, 0.2275, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 596, 'dbus-daemon', '/usr/bin/dbus-daemon --system --nofork', 'S', 0, 0, 42300, 4934, 0.1175, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 633, 'kworker/0:1-eve', '', 'I', 0, 0.40300300000000006, 0, 260, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 670, 'rcu_preempt', '', 'I', 0, 0.09999775, 0, 286, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048332, 1001, 'vigia-grafana', '/grafana-grafana --forever', 'S', 0, 1.123916515, 447921, 149307, 3.732675, 120000, 48000, '02ff152c00000000000000000000000000000000000000000000000000000001');
INSERT INTO process_sample VALUES (1796048332, 1002, 'database-2', '/postgres --forever', 'R', 0, 18.036131715, 843312, 281104, 7.0276, 120000, 48000, 'b2f38b9600000000000000000000000000000000000000000000000000000002');
INSERT INTO process_sample VALUES (1796048332, 1003, 'cache-3', '/valkey --forever', 'S', 0, 1.479850375, 270000, 90000, 2.25, 120000, 48000, '775b059500000000000000000000000000000000000000000000000000000003');
INSERT INTO process_sample VALUES (1796048332, 1004, 'lamp-4', '/grafana-grafana --forever', 'S', 0, 0.002578155, 2700, 900, 0.0225, 120000, 48000, 'bad59ed800000000000000000000000000000000000000000000000000000004');
INSERT INTO process_sample VALUES (1796048332, 1005, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0, 1617, 539, 0.013475, 120000, 48000, 'c39b651200000000000000000000000000000000000000000000000000000005');
INSERT INTO process_sample VALUES (1796048332, 1006, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0, 1821, 607, 0.015175, 120000, 48000, '5e3288cd00000000000000000000000000000000000000000000000000000006');
INSERT INTO process_sample VALUES (1796048332, 1007, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0, 1650, 550, 0.01375, 120000, 48000, '4bdc4c9500000000000000000000000000000000000000000000000000000007');
INSERT INTO process_sample VALUES (1796048332, 1008, 'vigia-cpu-floor', '/vigia-cpu --forever', 'R', 0, 0, 1587, 529, 0.013225, 120000, 48000, 'e0b629e000000000000000000000000000000000000000000000000000000008');
INSERT INTO process_sample VALUES (1796048332, 1009, 'vigia-ram-floor', '/vigia-ram --forever', 'S', 0, 0, 213807, 71269, 1.781725, 120000, 48000, '2796c04c00000000000000000000000000000000000000000000000000000009');
INSERT INTO process_sample VALUES (1796048352, 300, 'systemd', '/sbin/init', 'S', 0, 0.10100075000000003, 113400, 12639, 0.315, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 337, 'systemd-journal', '/usr/lib/systemd/systemd-journald', 'S', 0, 0.29774324999999996, 163800, 18278, 0.455, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 374, 'dockerd', '/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock', 'S', 0, 2.412018, 795600, 88517, 2.21, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 411, 'containerd', '/usr/bin/containerd', 'S', 0, 1.1082582499999998, 420300, 46856, 1.1675, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 448, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts up', 'S', 0, 0.9090067500000003, 553500, 61695, 1.5375, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 485, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts serve --with-parent', 'S', 0, 0.1984955, 530100, 59134, 1.4725, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 522, 'cron', '/usr/sbin/cron -f', 'S', 0, 0, 25200, 3073, 0.07, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 559, 'sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 'S', 0, 0, 81900, 9412, 0.2275, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 596, 'dbus-daemon', '/usr/bin/dbus-daemon --system --nofork', 'S', 0, 0, 42300, 5051, 0.1175, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 633, 'kworker/0:1-eve', '', 'I', 0, 0.396991, 0, 390, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 670, 'rcu_preempt', '', 'I', 0, 0.10050075, 0, 429, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048352, 1001, 'vigia-grafana', '/grafana-grafana --forever', 'S', 0, 1.123916515, 447921, 149307, 3.732675, 120000, 48000, '02ff152c00000000000000000000000000000000000000000000000000000001');
INSERT INTO process_sample VALUES (1796048352, 1002, 'database-2', '/postgres --forever', 'R', 0, 18.03613171, 843312, 281104, 7.0276, 120000, 48000, 'b2f38b9600000000000000000000000000000000000000000000000000000002');
INSERT INTO process_sample VALUES (1796048352, 1003, 'cache-3', '/valkey --forever', 'S', 0, 1.47985037, 270000, 90000, 2.25, 120000, 48000, '775b059500000000000000000000000000000000000000000000000000000003');
INSERT INTO process_sample VALUES (1796048352, 1004, 'lamp-4', '/grafana-grafana --forever', 'S', 0, 0.002578155, 2700, 900, 0.0225, 120000, 48000, 'bad59ed800000000000000000000000000000000000000000000000000000004');
INSERT INTO process_sample VALUES (1796048352, 1005, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0.005184025, 1617, 539, 0.013475, 120000, 48000, 'c39b651200000000000000000000000000000000000000000000000000000005');
INSERT INTO process_sample VALUES (1796048352, 1006, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0.00293247, 1821, 607, 0.015175, 120000, 48000, '5e3288cd00000000000000000000000000000000000000000000000000000006');
INSERT INTO process_sample VALUES (1796048352, 1007, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0.00977946, 1650, 550, 0.01375, 120000, 48000, '4bdc4c9500000000000000000000000000000000000000000000000000000007');
INSERT INTO process_sample VALUES (1796048352, 1008, 'vigia-cpu-floor', '/vigia-cpu --forever', 'R', 0, 23.81583419, 1587, 529, 0.013225, 120000, 48000, 'e0b629e000000000000000000000000000000000000000000000000000000008');
INSERT INTO process_sample VALUES (1796048352, 1009, 'vigia-ram-floor', '/vigia-ram --forever', 'S', 0, 0.01454756, 213807, 71269, 1.781725, 120000, 48000, '2796c04c00000000000000000000000000000000000000000000000000000009');
INSERT INTO process_sample VALUES (1796048372, 300, 'systemd', '/sbin/init', 'S', 0, 0.09849775, 113400, 12652, 0.315, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 337, 'systemd-journal', '/usr/lib/systemd/systemd-journald', 'S', 0, 0.30225225, 163800, 18304, 0.455, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 374, 'dockerd', '/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock', 'S', 0, 2.424017999999999, 795600, 88556, 2.21, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 411, 'containerd', '/usr/bin/containerd', 'S', 0, 1.1137582500000007, 420300, 46908, 1.1675, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 448, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts up', 'S', 0, 0.8864797500000002, 553500, 61760, 1.5375, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 485, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts serve --with-parent', 'S', 0, 0.20150150000000003, 530100, 59212, 1.4725, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 522, 'cron', '/usr/sbin/cron -f', 'S', 0, 0, 25200, 3164, 0.07, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 559, 'sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 'S', 0, 0, 81900, 9516, 0.2275, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 596, 'dbus-daemon', '/usr/bin/dbus-daemon --system --nofork', 'S', 0, 0, 42300, 5168, 0.1175, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 633, 'kworker/0:1-eve', '', 'I', 0, 0.40300300000000006, 0, 520, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 670, 'rcu_preempt', '', 'I', 0, 0.10100074999999996, 0, 572, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048372, 1001, 'vigia-grafana', '/grafana-grafana --forever', 'S', 0, 1.123916515, 447921, 149307, 3.732675, 120000, 48000, '02ff152c00000000000000000000000000000000000000000000000000000001');
INSERT INTO process_sample VALUES (1796048372, 1002, 'database-2', '/postgres --forever', 'R', 0, 18.036131715, 843312, 281104, 7.0276, 120000, 48000, 'b2f38b9600000000000000000000000000000000000000000000000000000002');
INSERT INTO process_sample VALUES (1796048372, 1003, 'cache-3', '/valkey --forever', 'S', 0, 1.47985037, 270000, 90000, 2.25, 120000, 48000, '775b059500000000000000000000000000000000000000000000000000000003');
INSERT INTO process_sample VALUES (1796048372, 1004, 'lamp-4', '/grafana-grafana --forever', 'S', 0, 0.002578155, 2700, 900, 0.0225, 120000, 48000, 'bad59ed800000000000000000000000000000000000000000000000000000004');
INSERT INTO process_sample VALUES (1796048372, 1005, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0.005184025, 1617, 539, 0.013475, 120000, 48000, 'c39b651200000000000000000000000000000000000000000000000000000005');
INSERT INTO process_sample VALUES (1796048372, 1007, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0.009779465, 1650, 550, 0.01375, 120000, 48000, '4bdc4c9500000000000000000000000000000000000000000000000000000007');
INSERT INTO process_sample VALUES (1796048372, 1009, 'vigia-ram-floor', '/vigia-ram --forever', 'S', 0, 0.01454756, 213807, 71269, 1.781725, 120000, 48000, '2796c04c00000000000000000000000000000000000000000000000000000009');
INSERT INTO process_sample VALUES (1796048372, 1010, 'ram-10', '/vigia-ram --forever', 'S', 0, 0, 226932, 75644, 1.8911, 120000, 48000, '8dbffcd20000000000000000000000000000000000000000000000000000000a');
INSERT INTO process_sample VALUES (1796048372, 1011, 'cpu-11', '/vigia-cpu --forever', 'S', 0, 0, 1605, 535, 0.013375, 120000, 48000, 'ebd414eb0000000000000000000000000000000000000000000000000000000b');
INSERT INTO process_sample VALUES (1796048372, 1014, 'ram-14', '/vigia-ram --forever', 'S', 0, 0, 200793, 66931, 1.673275, 120000, 48000, '54a557a50000000000000000000000000000000000000000000000000000000e');
INSERT INTO process_sample VALUES (1796048372, 1015, 'ram-15', '/vigia-ram --forever', 'S', 0, 0, 207180, 69060, 1.7265, 120000, 48000, '528a92cc0000000000000000000000000000000000000000000000000000000f');
INSERT INTO process_sample VALUES (1796048372, 1018, 'ram-18', '/vigia-ram --forever', 'S', 0, 0, 226866, 75622, 1.89055, 120000, 48000, 'f5e3390000000000000000000000000000000000000000000000000000000012');
INSERT INTO process_sample VALUES (1796048372, 1019, 'ram-19', '/vigia-ram --forever', 'S', 0, 0, 212808, 70936, 1.7734, 120000, 48000, '8c6ef85200000000000000000000000000000000000000000000000000000013');
INSERT INTO process_sample VALUES (1796048372, 1020, 'brief-20', '/vigia-brief --forever', 'S', 0, 0, 2085, 695, 0.017375, 120000, 48000, 'b969dcfd00000000000000000000000000000000000000000000000000000014');
INSERT INTO process_sample VALUES (1796048392, 300, 'systemd', '/sbin/init', 'S', 0, 0.10100075, 113400, 12665, 0.315, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 337, 'systemd-journal', '/usr/lib/systemd/systemd-journald', 'S', 0, 0.30375224999999983, 163800, 18330, 0.455, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 374, 'dockerd', '/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock', 'S', 0, 2.4360180000000025, 795600, 88595, 2.21, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 411, 'containerd', '/usr/bin/containerd', 'S', 0, 1.07522525, 420300, 46960, 1.1675, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 448, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts up', 'S', 0, 0.90900675, 553500, 61825, 1.5375, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 485, 'node', 'node /opt/vigia/daemon/src/cli/vigia.ts serve --with-parent', 'S', 0, 0.20250149999999986, 530100, 59290, 1.4725, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 522, 'cron', '/usr/sbin/cron -f', 'S', 0, 0, 25200, 3255, 0.07, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 559, 'sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 'S', 0, 0, 81900, 9620, 0.2275, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 596, 'dbus-daemon', '/usr/bin/dbus-daemon --system --nofork', 'S', 0, 0, 42300, 5285, 0.1175, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 633, 'kworker/0:1-eve', '', 'I', 0, 0.4050029999999997, 0, 650, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 670, 'rcu_preempt', '', 'I', 0, 0.10150075000000004, 0, 715, 0, 120000, 48000, NULL);
INSERT INTO process_sample VALUES (1796048392, 1001, 'vigia-grafana', '/grafana-grafana --forever', 'S', 0, 1.123916515, 447921, 149307, 3.732675, 120000, 48000, '02ff152c00000000000000000000000000000000000000000000000000000001');
INSERT INTO process_sample VALUES (1796048392, 1002, 'database-2', '/postgres --forever', 'R', 0, 18.036131715, 843312, 281104, 7.0276, 120000, 48000, 'b2f38b9600000000000000000000000000000000000000000000000000000002');
INSERT INTO process_sample VALUES (1796048392, 1003, 'cache-3', '/valkey --forever', 'R', 0, 1.479850375, 270000, 90000, 2.25, 120000, 48000, '775b059500000000000000000000000000000000000000000000000000000003');
INSERT INTO process_sample VALUES (1796048392, 1004, 'lamp-4', '/grafana-grafana --forever', 'S', 0, 0.002578155, 2700, 900, 0.0225, 120000, 48000, 'bad59ed800000000000000000000000000000000000000000000000000000004');
INSERT INTO process_sample VALUES (1796048392, 1007, 'vigia-idle-floo', '/vigia-idle --forever', 'S', 0, 0.00977946, 1650, 550, 0.01375, 120000, 48000, '4bdc4c9500000000000000000000000000000000000000000000000000000007');
INSERT INTO process_sample VALUES (1796048392, 1009, 'vigia-ram-floor', '/vigia-ram --forever', 'S', 0, 0.014547565, 213807, 71269, 1.781725, 120000, 48000, '2796c04c00000000000000000000000000000000000000000000000000000009');
INSERT INTO process_sample VALUES (1796048392, 1010, 'ram-10', '/vigia-ram --forever', 'S', 0, 0.034004545000000004, 226932, 75644, 1.8911, 120000, 48000, '8dbffcd20000000000000000000000000000000000000000000000000000000a');
INSERT INTO process_sample VALUES (1796048392, 1011, 'cpu-11', '/vigia-cpu --forever', 'R', 0, 20.79956948, 1605, 535, 0.013375, 120000, 48000, 'ebd414eb0000000000000000000000000000000000000000000000000000000b');
INSERT INTO process_sample VALUES (1796048392, 1012, 'cpu-12', '/vigia-cpu --forever', 'R', 0, 21.762124704999998, 1962, 654, 0.01635, 120000, 48000, '6ce17dc70000000000000000000000000000000000000000000000000000000c');
INSERT INTO process_sample VALUES (1796048392, 1013, 'cpu-13', '/vigia-cpu --forever', 'R', 0, 38.924423415, 1923, 641, 0.016025, 120000, 48000, '6d3d3d880000000000000000000000000000000000000000000000000000000d');
INSERT INTO process_sample VALUES (1796048392, 1014, 'ram-14', '/vigia-ram --forever', 'S', 0, 0.00693956, 200793, 66931, 1.673275, 120000, 48000, '54a557a50000000000000000000000000000000000000000000000000000000e');
INSERT INTO process_sample VALUES (1796048392, 1015, 'ram-15', '/vigia-ram --forever', 'S', 0, 0.031610435, 207180, 69060, 1.7265, 120000, 48000, '528a92cc0000000000000000000000000000000000000000000000000000000f');
INSERT INTO process_sample VALUES (1796048392, 1017, 'cpu-17', '/vigia-cpu --forever', 'R', 0, 30.598581785, 1890, 630, 0.01575, 120000, 48000, 'eb7d201700000000000000000000000000000000000000000000000000000011');
INSERT INTO process_sample VALUES (1796048392, 1018, 'ram-18', '/vigia-ram --forever', 'S', 0, 0.02971173, 226866, 75622, 1.89055, 120000, 48000, 'f5e3390000000000000000000000000000000000000000000000000000000012');
INSERT INTO process_sample VALUES (1796048392, 1019, 'ram-19', '/vigia-ram --forever', 'S', 0, 0.000284995, 212808, 70936, 1.7734, 120000, 48000, '8c6ef85200000000000000000000000000000000000000000000000000000013');
INSERT INTO process_count VALUES (1796048312, 'I', 63);
INSERT INTO process_count VALUES (1796048312, 'R', 2);
INSERT INTO process_count VALUES (1796048312, 'S', 110);
INSERT INTO process_count VALUES (1796048332, 'I', 63);
INSERT INTO process_count VALUES (1796048332, 'R', 5);
INSERT INTO process_count VALUES (1796048332, 'S', 114);
INSERT INTO process_count VALUES (1796048352, 'I', 63);
INSERT INTO process_count VALUES (1796048352, 'R', 3);
INSERT INTO process_count VALUES (1796048352, 'S', 115);
INSERT INTO process_count VALUES (1796048372, 'I', 63);
INSERT INTO process_count VALUES (1796048372, 'R', 3);
INSERT INTO process_count VALUES (1796048372, 'S', 126);
INSERT INTO process_count VALUES (1796048392, 'I', 63);
INSERT INTO process_count VALUES (1796048392, 'R', 9);
INSERT INTO process_count VALUES (1796048392, 'S', 116);
INSERT INTO action VALUES (1, 1, 1796048312, 'start', 'c39b651200000000000000000000000000000000000000000000000000000005', 'vigia/idle', 'low', '0 low where 3 always run', 'done', 'vigia-idle-floor-ca2b7fe3 runs', 400);
INSERT INTO action VALUES (2, 1, 1796048312, 'start', '5e3288cd00000000000000000000000000000000000000000000000000000006', 'vigia/idle', 'low', '0 low where 3 always run', 'done', 'vigia-idle-floor-3789fbfc runs', 400);
INSERT INTO action VALUES (3, 1, 1796048312, 'start', '4bdc4c9500000000000000000000000000000000000000000000000000000007', 'vigia/idle', 'low', '0 low where 3 always run', 'done', 'vigia-idle-floor-fd8cc619 runs', 400);
INSERT INTO action VALUES (4, 1, 1796048312, 'start', 'e0b629e000000000000000000000000000000000000000000000000000000008', 'vigia/cpu', 'high', '0 high where 2 always run', 'done', 'vigia-cpu-floor-eede5fa4 runs', 400);
INSERT INTO action VALUES (5, 1, 1796048312, 'start', '2796c04c00000000000000000000000000000000000000000000000000000009', 'vigia/ram', 'high', '0 high where 2 always run', 'done', 'vigia-ram-floor-07fff7e7 runs', 400);
INSERT INTO action VALUES (6, 3, 1796048352, 'remove', '5e3288cd00000000000000000000000000000000000000000000000000000006', 'vigia-idle-floor-3789fbfc', 'low', '4 low where 3 stay; CPU 0.003 % ≤ 0.09 % and memory 0.015 % ≤ 0.16 %', 'done', 'gone from the engine and its cgroup', 313.324635);
INSERT INTO action VALUES (7, 3, 1796048352, 'remove', 'e0b629e000000000000000000000000000000000000000000000000000000008', 'vigia-cpu-floor-eede5fa4', 'high', '3 high where 2 stay; CPU 23.8 % > 0.09 %', 'done', 'gone from the engine and its cgroup', 120.865065);
INSERT INTO action VALUES (8, 5, 1796048392, 'remove', 'b969dcfd00000000000000000000000000000000000000000000000000000014', 'brief-20', NULL, 'it has ended (exited)', 'done', 'gone from the engine and its cgroup', 80);
INSERT INTO action VALUES (9, 5, 1796048392, 'remove', 'af2b416b00000000000000000000000000000000000000000000000000000010', 'idle-16', 'low', '4 low where 3 stay; CPU 0.005 % ≤ 0.09 % and memory 0.017 % ≤ 0.16 %', 'done', 'gone from the engine and its cgroup', 330.484656);
INSERT INTO action VALUES (10, 5, 1796048392, 'remove', '6d3d3d880000000000000000000000000000000000000000000000000000000d', 'cpu-13', 'high', '11 high where 2 stay; CPU 38.9 % > 0.09 %', 'done', 'gone from the engine and its cgroup', 220.398357);
INSERT INTO action VALUES (11, 5, 1796048392, 'remove', 'eb7d201700000000000000000000000000000000000000000000000000000011', 'cpu-17', 'high', '11 high where 2 stay; CPU 30.6 % > 0.09 %', 'done', 'gone from the engine and its cgroup', 279.858392);
INSERT INTO action VALUES (12, 5, 1796048392, 'remove', '6ce17dc70000000000000000000000000000000000000000000000000000000c', 'cpu-12', 'high', '11 high where 2 stay; CPU 21.8 % > 0.09 %', 'done', 'gone from the engine and its cgroup', 306.795027);
INSERT INTO action VALUES (13, 5, 1796048392, 'remove', 'ebd414eb0000000000000000000000000000000000000000000000000000000b', 'cpu-11', 'high', '11 high where 2 stay; CPU 20.8 % > 0.09 %', 'done', 'gone from the engine and its cgroup', 254.475078);
INSERT INTO action VALUES (14, 5, 1796048392, 'remove', '8dbffcd20000000000000000000000000000000000000000000000000000000a', 'ram-10', 'high', '11 high where 2 stay; memory 1.9 % > 0.16 %', 'done', 'gone from the engine and its cgroup', 187.467471);
INSERT INTO action VALUES (15, 5, 1796048392, 'remove', 'f5e3390000000000000000000000000000000000000000000000000000000012', 'ram-18', 'high', '11 high where 2 stay; memory 1.9 % > 0.16 %', 'done', 'gone from the engine and its cgroup', 166.31385);
INSERT INTO action VALUES (16, 5, 1796048392, 'remove', '2796c04c00000000000000000000000000000000000000000000000000000009', 'vigia-ram-floor-07fff7e7', 'high', '11 high where 2 stay; memory 1.8 % > 0.16 %', 'done', 'gone from the engine and its cgroup', 102.608149);
INSERT INTO action VALUES (17, 5, 1796048392, 'remove', '8c6ef85200000000000000000000000000000000000000000000000000000013', 'ram-19', 'high', '11 high where 2 stay; memory 1.8 % > 0.16 %', 'done', 'gone from the engine and its cgroup', 106.740385);
INSERT INTO action VALUES (18, 5, 1796048392, 'remove', '528a92cc0000000000000000000000000000000000000000000000000000000f', 'ram-15', 'high', '11 high where 2 stay; memory 1.7 % > 0.16 %', 'done', 'gone from the engine and its cgroup', 364.151134);
INSERT INTO tier VALUES (300, 0);
INSERT INTO tier VALUES (3600, 0);
INSERT INTO decision_line VALUES (1796048312, 1, 0, 5, 0, 0, 0, 'start 3 low: 0 low where 3 always run; start 2 high: 0 high where 2 always run');
INSERT INTO decision_line VALUES (1796048352, 3, 2, 0, 0, 0, 0, 'remove 1 low: 4 low where 3 stay; remove 1 high: 3 high where 2 stay');
INSERT INTO decision_line VALUES (1796048392, 5, 11, 0, 0, 0, 0, 'remove 1 unclassified: it has ended (exited); remove 1 low: 4 low where 3 stay; remove 9 high: 11 high where 2 stay');
INSERT INTO evidence VALUES (1, X'388dbdd3db6edc201006e057b1e61aa7ac0febc33bf409a2bd180fc31a2d8695c171a3d5be7b44e236691ba99b460adcc168e6e397b800a1534661e400fdfd058c821e9aa61e64ddd5524a09021c4e0c3d10d2c87909022c3fb0851e1677727e752020909f19fa7b299ef79d2c8a5aec5af9ba0e02c288a968bb05fe4176519c063a1f33b21882d18655f6c811ae62c30ca8ea8e55fb3bc6e274ceabdb2cf21f1a7993e720c02f91fcb4253573586c841e94770c0214473449f2608e0673a32ce7da7a3fe784c5d0682eb3797101042045e31df417381997c68588737cf316eb571060263cf2cf7edf523f103030e112d2b1ccac5fb375e499b33243bbe2634813e02a5e82a3b21bf6f5aed8828bde9fbe07e82b2953b6b7f3cba6edf4a0e98bf9359745db92fa2c5fab9668bfebbe985f0d8a2afaf5873ec6a7f3b2e99915d71aab9bf5a3398e7ff1e9bcfca14f651bbf788fcf72d8171dcbffe2cf386d7cd968ad1b6e3ec79f71fa20bf68ba3dc98adee11fae4f15178a75');
INSERT INTO evidence VALUES (3, X'388db594cd8e9b3010c75fc51a293792da7c43a55e7aae5455ed69b507630f60adc1913149a3551ea0efd127eb935466d96c1a259ba8ddc2013463667ef39f191e41f05e2ac91d0e50de3d82925042c56552a0cc29a51402e879875082e6dd7a1943001a37a8bdc16c218041188b50ded160ba5794d2304c02367d3d5ff7010c2df7c70e7ec0ef428f127dbeb5350e85434954c71b248de535eff9bbf909fb60064b300af35cc83fc136aa517ca9a4c665ad8db1cb28cb8bbaaac52dac2c61f9316c7a0a3b1d38a2ed47ad0f407125452c8ae40a502d73215256dc041465c9eb40fec0b17c5be55ad513d7228988365be25aee08d75bbe1bc8e0f8ee45401115559ab0f00aafe06195d518ddc61b675778e3ec6f7991566958203dc72bd6e38c8b2831a9f9f16cb6aa69cff03256b0cbb093f752abb32ca96872da6ac1458bcbe87ae62b4b71ba129a57a8c954e8eab01e2fba8459910a1a8b73ba58decdbad0acaeeb0cb31be8589687af7471725fe861487cd0334dbc0fc08c4e986efeb7581c46eda004697a8400243aae3c54637a24b535dd140ffb46f548782f897203118d35e31a02e0c229d343f9080faaf70c163bb3f181dee4dfb0f65118a56900a36db0173b4f66b998320c5f5b6b9cd3bef89aeb01bded0bae351747a60a051f079f379e067bdba2f543eef5784f3e7efe46fc464464417efdf8e9df0bb2980aedb03376e72d2c3978594a16b03f5f9e33e6e1d30065c4a255e4c7e2ff8afbaf7bf82c6efe26e2464f13f7a46e78a46e18ad72b2201f66690fe29de03f8bc742ba2af6f7fbdf953514c1');
INSERT INTO evidence VALUES (5, X'5885c597df8ea33614c65fc5b234522b116a1bb04d2af5a6d795aa6af76a3517c63e04b4fc89804c76349a07d8f7d827eb93542681492864a05db249a4200ef07dfef9f8f8f082b52a4c6a540335de7e7ac1a9c15b1c291384602421846007172a07bcc599caf71b1f3b388327c8ec89f2881d5cebb202bcfd449cf6eb1242180b1cdade7dfe3c3ab84e94bdac8f63f8a2b38301abb7afca06740306a5b9da01da552a5685fae5fc8f5f9db33115b3c8a73cba36969a0c3694cf714639f77a6bdcfe06d6da0b2ebc15872cebe5fdc8685f87c1b5fc53ba4bd5a635116765596d6223b5e6349c65c81357acfe6dc85e7009eb9836495aa02601e4a1ac3ca226510d52d9513dd7a86ed4f31b2eed85110f287bc7af562c123178f3fcfae21dbfbef8af7eb9f18c67e420eff4feb0a197e69274978cb8a3a1cfa7e7b68d4e4d2c44c23042c588b098211cdcc8291b9c92e51aa8307a4c96cd902552ded0b5d1e9f11a9ffa108d08d339c2fe2d5d7f5256882022c170fd68a513d8cc98e077eacab0aa642a820cb5d9eef615e62dd9a489e2589bc1e2a854bea16486172a437aa392b4e1290e71009e179e6e1d48cb95a59908b926be1e2b09d6c0a9221011c7b18019b94fa890ec464168c35366a4e610cb606c0ac259d2e256316fc353d201932a645a8f4807b3a4d98d5a730a4f4afb2a08840a46a4fd39d2fcf6a8f9f5a82feb2f43f6a12305f8d1c1e5a1d1657eee022aa80f5983b7d8940560071b68546a4dedca02505c9579fb3c28766901481506a54d8df4ae2a0f7bec60a59bb42cf0f6057f4e0beba182bc7cb20f3ab517210f8d8ecd3580a84a21deb08bb567a939789f9aeef050eda0d0cfd647a574fbbcfa4352954d93d9a1c62aabc19efb0bf699d217a722d0ea50b7bd4283125523280c18f4137c491b303fe3d771674d597efea3c65b49ece4ad0b65596bd342a184f2ef02c56ff7e5630295dda36d4afc8a7efff323b21b7a801ed0df5fbfd9e3103db4c3ca212fab67d4e6791fa51c3df41c0783e9387a1e7183f5512e6b233a94de774149e9698d9d60b20b989e742dc0dfce247b5603b71d2bc688ebafcf6a59e7d3b1126bb3222e1f633570dbb312a11bde21af16b56b1d2bb6322b465d399a57d76efb3548b82bef91574b3acc8e155d9b1519673570dbe755e0dfa35e2deb443b56644556e70a4ffb8a7555dd077e3b5a548a7bd05ad63c77b4e40fa335f0dbd3e2dcf5d6a7f57ffbfd333f12de839f1ce3371841cf8f3097df616d2e7a45e9b2edc7d11af87da3c55db13ead656f551dade01eb4c418ad81df7e8fe4becb5e1f5fff01d12a4374');
INSERT INTO snapshot VALUES (1, 1796048312, 1, X'5885dd59db8edb3812fd9506318f6a9bba5997b724b30116bbb9203d837968f4034d956cc214a925a9f6780dfffba228d9969c4ea7a7d30926eb004954228b55c573aa58d49e58c55abbd68e947be204df90320c0873a40cb36241933c0e231ac60169b4d24e2bc1df5b522e68ff0bc8526b37955850561b52920d1805920464adad57cfdbce92320a88d38ec97f2d49991c27d5060005519ee58bbc0808bb6742b2a59c4a3b0b150ac2300ae3300c88d4ac0a494967794a294d699e67d9224db324c0d55e777687c625614a6998468bc52c8e8a4516a13fd068b37bdb49f9ea7e155252d2a3ec46377094cdb228a56194456191847111a701117a3c6916524a431a66599ac66198e4995f79a4239e4529a5519a24719e47599e25878070ad1c130a8c25e5ed9e888a948446751da611a7cffb8524208a35404a722f56825daf0cab99622420a2612b940f92f9f06f19c6b36886f3245b82b4a4dc1f02621d7338d8744a09b52201e1069883ea1582221fad88fbe115ef498b1e8494867ebef190a001698de660edfb87cde22ba3bbf6653c1f567aa33be53c84efed7f3d529222a659408cb5e3c7069a8f6038e0e07896c5d1224bfdc6fd261af078ce9238a55e741a7842c89bce1850ee42a136bb7f8b4678b1eaa444a87c0256bdde39e8c321f41f4638380b14b84f7f0e8ffd1405eeb7a9a48fd23baffff3157f3f326290f2b6f3469c8c1e2cb15efaa143c0d54c5ae8bd5d1bed9c846ad8afb1e82318a1ab5ebe949a6fa6be78d1853bbd491f0d58db193839d0769722a1a792c3211848b08cea385f168b276cfb43bfe84c828a39b66416aea311035a6dddca802dc3fc25611f3d06fb892127ccbf80a35fc27c9487214d4e983f3e8e319fcd68942d26880f691e858bacf83ae6470a7f10e6a72b1e317f94feec98cfb27449d3227d2614e233e639e36bb88e4780bf677203bbb218a3bd4fc4b38629b60234c0990e4830885ba31d70777ef1ade4881f23c7d9e213335e201c5f6246d19b381063781af3229a45d33a90e759113ea10e9c75fd204a4c163c326210feec8458b22a2da0ca1fdfe82ffe923321246bdaebe42f1d811e66c7b79220798c04272bcfd5e1db23f00807c60c98e29fce6874c180304db227e1ff07a3ff01ecffbcc8bf3bed17eababd9b6e9f87a56f9ab02d4b03b2dcddf460dc931bec866840fe49ca451c904fa48c0e8780d4ac93ceabf2c8354c281c5d7752de08c5fdce0ef631d9fcae9c904310847dcdb00d44d8634de04e34c7376f3a37c4ef10905632af732314d284714702fc5b68d57735c30b8f7b6418dc8344b4ebedb84021dbe6a292588196c05967514cafa4de5e6dd760e02abe6272cb76f6ca748a6092f8bf51bc16abf5679a79db5d28c66183e6e85b341bd63c55f31d024355a2621eddb7dff1a87234b9531ba5b78a04c4728dd4b8a581ffd3e7a44986bd0b885d331c74cc58f027975de513b6d2ee8a4b66ada80554573b70e47b969627d84fbfe2017d920f4865dd39ae9b614b7ab28d38f8d2c025066c271d36315ae1ac0a1c13f2d4cba3aeeb5a6a6dae398b96590d31ceb4b828dac3e362b948c3e899d14e09de15e9cd3bebaf8a7013ff4e2ec7595ed4cb9a4f5c4e218ef29c57cf7479f1f776b9ae72ce176131713959563ce1cf4e0ad9335cfee6c4f9359f79db0d2e035490d62c99b80c74b9880a78a6c7347f2997ff4246ffaacb863583cb34abeb3a836ce27294150b4e93e75ed215172edfe179e2ad307835dc1f35d6c23a6d76e78b683abd27dd935f1ad67ed7234dcd84c4f4bb27bf5870c3529daa851276fdd98ba501b601e38d604276663807ea16d479791ff846df7f3e9d599042c1a56b3ee867d1ed0b14dd3d51b0050c35c1867c4e71333aa3ecfbfe887817dcbe40659cae927cbeca5d0f4204f6d4693c4d6a29b8df7cce8cc220918886058dd3140f098dae10dfa06a6d3882f7f49981754e63ebb4e3126e806b8587f68806a77b375292b96bdab996d57c35ab961e88edc7f3711b070fb576377ca7183744c5658b142ed00d09ccc227e684f6df1f02d208755a3fc46d6f4f87fc3dd932c7d7e7d7a30f1c27c569e0b13c7c364868ff3852e997f8045c32713627449268f9abde8e564f9121ba7697de1497d71de943868429661d66d491312bc3f839b68bde9057abb328a6017143e734528e3160ce81e9012d816d7c2c84aaf476a40f1b526147337bd7ff106e3d8a69bcc04c496a6d36374e9bc6b7d7e75d4cc3e880add5e95d23961fc1f4d34999d2497823af4ab2b6c556bedc8f701907647bb132a50851c9aaaaa7bb81069ae551f9601b329a6f3ed4f564cb06d93b6ddd445f40fed369c7fac0e8ad4ffc00ad5fde19d11c63eff33df2675cd89148be1e9c66458fcfea4be3b96678ca61c756ee8975ba9d98ccdc07c56130bfcf71a3cdf2c0f6578438190fc3e7754e1f77eec6265cdcb990e05272adadf53e559a0f09d5e2ff3009ccef99999b4ecdfb77337c810c160de8ce4d21df0e972efd07471246d98ccea8bfde69b571a4cc698e48d51b506f853c76df277bfa6860d91dc2c8dc3f7c2d96c0eefd1d10377d8d16ca3a26653f0ec9c68d68fba4560903bc2f64640e8ecffba8afb5ded859f580e9715f221ca8e309c0b2a695607f653b4bca2c20b5b887774275ee28431eaf75678e43907f52d480aa47432ae0c2623b7e16f982739a75381cfe07fe843147');
INSERT INTO snapshot VALUES (2, 1796048332, 0, X'78bbfe843147ed9bd96ae33014865fc5f4018ab6b3a86f53e830bd28c9400373312f3f44b66c2d5623134533497d131261648edccf67f9fffe59518055ac00eb15055809918bc0d1e2953ab0006921d381a7d54507b68605843ab0652645cca48985854807666310b546ad9ec168592d02b321c9d29264634069cc45604b6400880c014ab62617818d351af5f983ad30a47611f8ff178195020384a0771d78d781bf8b0eac51b2302c94da95e05d09de95e03919586420cbb08bc1bb18fc5dc5609024897739b8d3df7e03fd24ea0656f49a9272509923dcdc6cd620c6b569803d6d34ae7dfe7afd7d787a797237df0210ae010401404bc7b9d668cc1187403538d61250a0ed0c94fb9e0025b5499a0c2934ba1ef612537ebb4e4c05b7f34cb9a57b67aa81405762ca0b8277c9145ec75483632d318541ef8e69e37e660a64c214301a5b8114f66dd931efd7f1119af506027009292f38df2552741d520d8eb598a660a9fbdcf72c4da559ca02b0ad1809f8dd7a6529c82a3f8007a8fc1a180c22a4723f43c13eb111a8c995101115884d8d81e26aa0e67843a01a1c6a112815d47d6aadee4b5b2943a82522eb0a77addfb117542a2ffdd403947e0d2c2c1154b963a660d06900d5b8d12da0b2d550cdf186503538d4125424152e584dbf42b0e433b1a46c50272cc88a54b56cd889abe8869eac69f15ed9dae05c67953bd74de85c877fe35c7f3f7ebc452ebac3f16cfff8399c8ec3dbf16538bdff1846b3c6f0797a3d9caf5df346dfd05a3c96ad0d6cc5f3487f70afa921b566dc5489489c8c57babcdd3b7548958acea3b32aeff738f3895ec3c9639aa642951ef63e138cbad05cebfd656863735e195a9f4eb2f2a95d7c681b02eb52cf57c6a55478beea4290e9d5b5117729b62a22965389508ed25fb1f1ff2f4207f39499670bf398a0bca7d565cabf8810474d');
INSERT INTO snapshot VALUES (3, 1796048352, 0, X'78bb8810474dedda5d8adb301000e0ab8840de4ad0cce86f28f4659f174aa1073059376b9ab54be26d084b0fd07bf4643d4991e3b8ce5fe32c266e9b7909210ec61a8de491f4bd1c8156b40badec1168658e412b333cb46263ad0e9ac91ac7d6e10eb4020c81c07a069a40206eb6bdce522b76e4bd46a2e03c713c29dba356c8a0c141f09a8961bba8daa1561ebd35da38efc9f8a0ad50abbf9f5a19abd168b64ea89550ab5ba1561ed1a237e48c502ba15642ad9ae33bc6104b10166a25d4ea56a91568c2a0bb0d01b15662adc45a9db756a83d39d062adc45a89b5eac95a0178e4d0e13d25d84ab09560ab2ed88a18c0870e9b0282ad045b09b6ea80add8a223a2edaeb3602bc15682adfac05636006becf0aa126c75656c0587d8cab6b1150d83ad9269397a133fb322df1cc66ec75cfa547c8dc37300e3b2a9545babb3e7c52ccde3d17ddcb89c564fb56cfabcc98d6cf921fd324fa6ad9f7e2332a3e6c54aad1ed345aa28c2b1f55b75f7fea38aac82d458fdfcfe237e67355649fea03659a1aa255673159c1a57a2e2688cae6a4aea69b2551cf4102352f1b67590b01524a4495063f5ae8ed02866fe7f6fee86c8f97e4c57353b0d63b84e37e362bfb5ca22fbacb8275583b77c4c4a95cc57c9ba929feba174e11fda78b92cbca095434c30fbad0460ed19bcae130a4e37f7f0afa752f49fd7ad57c575a75af43a59d7ca3fdc4cff8709b827ed5eea7aa1554648b570b25a182dd2e5f3bc8c0ca6c8e3c33ca46592c5079f1579aa3e2d8aa72afa693ecbf2b4ba5d562e55bdc6e82fa265517cbe8fbb59401342e3c8c6f43dd393b754d3f4d3533d446cdb53807a129cd5ce7ebb10b7fe02b7a7cb2b');
INSERT INTO snapshot VALUES (4, 1796048372, 0, X'78bbb7a7cb2bed9cdb8e9b3010865f25dafbaeecf179df26046857ad921eb2aaaabe7c6508604ec9180c09a9f72ab0c8300e5fec7fe6b7ff0e985b79dbdcaa06ccad72c8dc2a439a5b2563b46f6e2dcf3ae65626ad2c6cccad5a6b6388064e19a7177b566d6e559c1b2d0495e49503078a75b7d257a200b8524412c604a73d732b534a194d25d7203503d5f7b61aceb9119c02918a68aaa2b7f5f1bdad5259732b60ec4cd1db1abdadcfe16da544331084a8cb6b14cdadd1dc1acdadbf5edeb4d6768c672c9a5ba3b9f5bf35b70aae394718f1a2b9359a5ba3b915656e6576ee42310687686e8d46bc68c44318f184964a2a84808946bce8198a9e21a467482bd08221567a47cf5040b6749ae4f9219d3a57d9376cd9b78c928024610191c380d8053d2e20638cd4cf5da311a04f46d110923749b3cb511b0d6d286d8181d0434d436b21e1deb046a23cb97524b224e59467c9c4af3f71d264df3f3e511ad0e53d17098a43a27eeec6b63dbf4fc6258d70248d18987e75e75fa8957a625d3123fa62466c1f0579c8a84a0f6ae2d77ee8a0006150b0c2652e09e04142aba412a04b4657d9896668283e774990cc1b84aa9db596d789dea8509cda3c08294b59aaa72649d30e08fdb4d8dd40601e20b4ca2701ba6414046b82a840b09f7b2010f027e1d2d05a2434b7ab49e074fb2408be1742eda72662b28e60e8af819b24184290c03df442ab8212a04b46499086392c94476dbd201503ff0952d3d45a3cb837ac89284f6e9e09d07b0387a9b994bcc384781c26840713a2c5c4fc2e1965c214cf5a31511e75d24b20fd89a81b5a8b08f7863511e5c9ad13b1cf21e1544ed48b453ae64244510da03250cd23888a9638289a27afa908d02de3238570c68901192de58439935c55463bb76b46882790d159a2522074a266a4b4a31efae58abba907e5a11e543ba134bb4b464960cee8c006ea7962c27489ad3b34b0fec0c09e6058c845c69899f69d1342a13351d20f546dd01e3325ed9210a04fae541b00dc6a833dea561b88f0a6a16969bd72437343a7dc00b07d26f44166b91613ab4d947598e8bb43eec784f160c2b42a70f3fb649409626c91b962a23ceaa807c5b8371275436b21e1deb046a23cb9752412234d7ac8272e33a48e2937f9f99ee59fa05f962efe711f2c005998769ebd31ebceef997159ed0808332020d4843a5cd5d06a92ba2f20cc860584c7ce2e067a3bbb807c809d5dbe9cbed9547fb312f678b22bbd3fefcea75d7a7a2b56b2fef8389df7c52aefa3bdf6e9b7f4887b61dcfcdbc85e1871cb88c7de3262419b5b15d4c7f1ebf1f4fb381857e1e56a4d07da51955e2f27a6e3e9bc2be61aeff97b96eefe64e797257d498818c8c580331e457505368e054c25b838ac7de26a1885bf021b45784700320a02eecf0ddc08a97b3536be05eabc18622ed5cc2bcc54f54e6c1ce16b7398388a0ad49528ca0a15328625aa29c8974dc22d6624e0035920118e8b43dcfa05131eafd402594cdc606253755747932297878c6281bc130a0c9b5cb90646917c41c6b048a200f7465935ecb475e367b877f5ad083b7b5d796ebcf30f36265e90');
INSERT INTO snapshot VALUES (5, 1796048392, 0, X'78bb36265e90eddd516bdb301000e0bf620a850d86d14927e98ec15ef63c18833dee21b45e1bd626a349b741d90fd8ffd82fdb2f19721237761a575da4b5b5af0fa5a4a6d1dd59ae22599f6fee80776c1bdee13be01dba0bde69bd7818bc8368eb376dc33b9b571b78c75a64f20dbc03a5d204168d016d9dd18e5af08ed660d04038a20436cd34f1bdec0e7865c89226c060e6ecb03b689d5114ae6fa09d353bec0e9680ca7b70d669026750d49da7afee1033a9b07220ea8ea83ba35177100d7bed958d98b2157547d49db1a83b0084de915624ec8eb03b636577b472a83c08bb23ec8eb03b89d81d04f45a47ed54157647d81d6177ee67773c69635d04972bec8eb03bc2ee44b23b00ce90c2886e25ee8eb83b6372771c29c52aa66388be23face68f41d04cb0c8638826a138647189ede2e310886078dd5a89131620a4d3c1ef1787a7bc4303c1eef0989d051c4f30c04e61198a7b74b0c07e601439e21e2de13e17984e71911cfe38cd68a224475417a04e91915d2038aadc788c77708d523544f6f871804d5e300d8870fe031ff2bc4ec11b3a7b74b0cc6ecb18cda60ccb33344ee11b96744728f75cc312b78a2f78c51efa97e4cc39df0113da38ef0011a0bd18ec6022d8d851f4763999c2c8f5e85efd3f96cb5456d73c34c7539ff1632967d5fe57abb62789fd58fd75767d52c6c5d0cb76e9fd46d5834a77073aa4f171faaaf179393ad976e4d99e9b2389f2c8a6a765a9d162f56657d596f13bd33bc9cfba957b7f76d7d0a4d101ed60ac9f7f3ea2a882441b6785dbc7dffb1087b4b6d715cfcf9f53bfcccc57131999d16ab3e5cd4bb699bdf822b8ef76724a366b0be3d6b6b7d2341460056e2c72a277a2b2786ca908737eb84ec0f39e35ef44ec83e77c8aa7451216794373a21ebcc216b2829b2cad9d0944ec8903b6415197246eba613b2ca18f2fa22064d6feebf806534193a41d3d309fa31f0a6adfb60f3a781a2d29051b2e8d4fe09059dd1b5e9046dff47d0be15f4a7112080f907a169409ffaa38fc885d15fcf442ecc3fe2efc6048c4e6b00affa30a6d651fb4ec3fc63f79dc65bcdac5911f7f59fd651fb1a9f7f14bed3784504cae9709f223333f544b073e8fe1ae41e59ef8661983da1ef01a4b68ed9d7f0676f76e61fe01f2e59b6329e7f709e424b6b35f9f9baa8ad30f20f8d0f17de5a0dce3fac3ddc6a6c37389f93b9b7c1ff8464c670b91d75ee663d53bc35813ccc79e2a3ab6a717db10ca2d37c16fef269b59c4c430dcee6b3aaf87c35bfac1357cdcea6b3aa9e649d2e17c57ad52b5d3296f3f99777b5b917ceaf7b923fe259ec24f54a90bf4dbd8c5125123aeb22ea36e4b9f624854990a04d61b456a56132d6471466c82b02490a9320414d613c976403431ad36306bc6e91a6c71c9ea0e652a65ce9d92a1dd76386bbba92a8c71c9ca0a6c7582cd15be529a230c35e034a529a0429da9406c897e83c7a8828cdb057aa929426418a9ad238571a3064232a33b6e5b424b54a90b4a6564a974e1120c75ce106bde897e60a77788a6e4be34a8f2aae1f0d7a69324d6912a4a819b0392cc10218fcf9c0a704fc05691f0cda');
INSERT INTO observation VALUES ('grafana/grafana', 0, 1, 1796048332, 0.002578155, 0.0225);
INSERT INTO observation VALUES ('grafana/grafana', 1, 2, 1796048352, 0.002578155, 0.0225);
INSERT INTO observation VALUES ('grafana/grafana', 2, 3, 1796048372, 0.002578155, 0.0225);
INSERT INTO observation VALUES ('grafana/grafana', 3, 4, 1796048392, 0.002578155, 0.0225);
INSERT INTO observation VALUES ('valkey', 0, 1, 1796048332, 1.479850375, 2.25);
INSERT INTO observation VALUES ('valkey', 1, 2, 1796048352, 1.47985037, 2.25);
INSERT INTO observation VALUES ('valkey', 2, 3, 1796048372, 1.47985037, 2.25);
INSERT INTO observation VALUES ('valkey', 3, 4, 1796048392, 1.479850375, 2.25);
INSERT INTO observation VALUES ('vigia/cpu', 0, 1, 1796048352, 23.81583419, 0.013225);
INSERT INTO observation VALUES ('vigia/cpu', 1, 2, 1796048392, 21.762124704999998, 0.01635);
INSERT INTO observation VALUES ('vigia/idle', 0, 1, 1796048352, 0.005184025, 0.013475);
INSERT INTO observation VALUES ('vigia/idle', 1, 2, 1796048372, 0.005184025, 0.013475);
INSERT INTO observation VALUES ('vigia/idle', 2, 3, 1796048392, 0.005478725, 0.016625);
INSERT INTO observation VALUES ('vigia/ram', 0, 1, 1796048352, 0.01454756, 1.781725);
INSERT INTO observation VALUES ('vigia/ram', 1, 2, 1796048372, 0.01454756, 1.781725);
INSERT INTO observation VALUES ('vigia/ram', 2, 3, 1796048392, 0.000284995, 1.7734);
INSERT INTO total VALUES ('cycle', '', 5);
INSERT INTO total VALUES ('hold', '', 2);
INSERT INTO total VALUES ('remove', 'done', 13);
INSERT INTO total VALUES ('start', 'done', 5);
INSERT INTO begun VALUES (6, X'28919d90c14a033110865f25fcd05b94ddd65a1b8fbd8b889ec443363bed86a63325c97629a50fe07bf8643e89a4a5a278f33f84fc1f7f6626734062bb4d9d649803b2776b985b0d9b61eabbaaa81e975363232c59d8bb8704738667693422f92f4dc449220cd6149902343a491986fb10349c70b69e292698d7378d6d144729d16fbb909e73babc59da3ee453e0a8b1a3d87a972ff960b9fc60edb9858175191ace72eb5b9b2f45adcb5eb898ef60a48dec081abeb8d96cda54d3f9b4fa9f26d060bb211838eb3aba2a20d08e020c820cd0d8963eb5461f57c46e0f8355b4ee34407aeea2e41ca88559da90a8b027da06eb7ea0869ced536971a3820c6ae828929aa894edfe5e2d1e5f54755dd5951aa9cff78f729fab118e65610d2d2552595219c54c343abfea60c61a3daf590686a98ec72fdb7a9ef0');
PRAGMA user_version = 7;
