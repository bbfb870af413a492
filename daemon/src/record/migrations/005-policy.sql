-- What is usual for an image: the newest observations of it, one container a cycle. `taken` counts them all; the slot is
-- what is left of it when the ring is full, so that the file does not grow.
CREATE TABLE observation (
  image        TEXT    NOT NULL,           -- repository, without tag or digest
  slot         INTEGER NOT NULL,
  taken        INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  cpu_percent  REAL    NOT NULL,           -- 100 = one core
  mem_percent  REAL    NOT NULL,           -- of RAM
  PRIMARY KEY (image, slot)
) STRICT, WITHOUT ROWID;

-- Which soft thresholds it was beyond, with the evidence: JSON, null when none.
ALTER TABLE container_sample ADD COLUMN breaches TEXT;
ALTER TABLE container_sample ADD COLUMN cpu_limit_percent REAL;
