-- The file systems of the engine (images, volumes, logs) and of this record.
CREATE TABLE disk_sample (
  at              INTEGER NOT NULL,
  holds           TEXT    NOT NULL,       -- engine | record
  path            TEXT    NOT NULL,
  total_kb        INTEGER NOT NULL,       -- without what only root may use
  available_kb    INTEGER NOT NULL,
  total_inodes    INTEGER NOT NULL,       -- 0 where the file system does not count them
  free_inodes     INTEGER NOT NULL,
  full_in_hours   REAL,                   -- null where no trend shows
  PRIMARY KEY (at, holds)
) STRICT, WITHOUT ROWID;
CREATE TABLE disk_tier (
  step             INTEGER NOT NULL,
  at               INTEGER NOT NULL,      -- the bucket's beginning
  holds            TEXT    NOT NULL,
  samples          INTEGER NOT NULL,
  total_kb         INTEGER NOT NULL,
  total_inodes     INTEGER NOT NULL,
  available_kb_min INTEGER NOT NULL, available_kb_avg REAL NOT NULL, available_kb_max INTEGER NOT NULL,
  free_inodes_min  INTEGER NOT NULL, free_inodes_avg  REAL NOT NULL, free_inodes_max  INTEGER NOT NULL,
  PRIMARY KEY (step, at, holds)
) STRICT, WITHOUT ROWID;
