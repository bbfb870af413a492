-- Sums since the file was begun: rows are deleted in time, and a counter must never fall.
CREATE TABLE total (
  kind    TEXT    NOT NULL,               -- cycle | hold | fault | remove | restart | start | throttle | release
  result  TEXT    NOT NULL,               -- of an action: done | skipped | failed; else empty
  value   INTEGER NOT NULL,
  PRIMARY KEY (kind, result)
) STRICT, WITHOUT ROWID;
