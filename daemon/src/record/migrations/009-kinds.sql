-- What kind of container it is (disposable | service | foreign | protected), and its resolved policy as JSON.
-- null in rows of earlier versions.
ALTER TABLE container ADD COLUMN kind TEXT;
ALTER TABLE container ADD COLUMN policy TEXT;
-- The value of a limit on memory, processes and I/O that Vigía set; null where there is none.
ALTER TABLE container_sample ADD COLUMN squeezed_to_kb INTEGER;
ALTER TABLE container_sample ADD COLUMN pids_limited_to INTEGER;
ALTER TABLE container_sample ADD COLUMN io_limited_to REAL;
