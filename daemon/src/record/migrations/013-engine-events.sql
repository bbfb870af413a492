-- What the engine told about its containers: starts, ends, signals, health, OOM.
CREATE TABLE engine_event (
  id            INTEGER PRIMARY KEY,
  at            INTEGER NOT NULL,
  moment        TEXT    NOT NULL,         -- in the engine's clock, to the nanosecond: where to go on after a gap
  kind          TEXT    NOT NULL,         -- start | die | stop | kill | oom | health_status
  container_id  TEXT    NOT NULL,
  name          TEXT    NOT NULL,
  image         TEXT    NOT NULL,
  exit_code     INTEGER,                  -- of die
  signal        INTEGER,                  -- of kill
  health        TEXT,                     -- of health_status
  because       TEXT, because_es TEXT, because_code TEXT,  -- of die and oom: who or what caused it
  evidence      TEXT,                     -- JSON: what the kernel's counters said
  UNIQUE (moment, container_id, kind)
) STRICT;
CREATE INDEX engine_event_at ON engine_event (at);
CREATE INDEX engine_event_container ON engine_event (container_id, at);
