-- What kind of container it is (disposable | service | foreign | protected), and its resolved policy as JSON.
-- null in rows of earlier versions.
ALTER TABLE container ADD COLUMN kind TEXT;
ALTER TABLE container ADD COLUMN policy TEXT;
-- The value of a limit on memory, processes and I/O that Vigía set; null where there is none.
ALTER TABLE container_sample ADD COLUMN squeezed_to_kb INTEGER;
ALTER TABLE container_sample ADD COLUMN pids_limited_to INTEGER;
ALTER TABLE container_sample ADD COLUMN io_limited_to REAL;
-- The CPU limit that Vigía set, in percent of one core. Unlike cpu_limit_percent, null where another program set the limit.
ALTER TABLE container_sample ADD COLUMN cpu_limited_to REAL;
-- The quotas in force: how many containers of a class always run. null in rows of earlier versions, where 3 and 2 were in
-- force; 0 where none is.
ALTER TABLE cycle ADD COLUMN low_keep INTEGER;
ALTER TABLE cycle ADD COLUMN high_keep INTEGER;
