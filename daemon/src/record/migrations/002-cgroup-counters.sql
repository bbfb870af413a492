-- What only the cgroup counts; null where the kernel does not give it. The counters only grow; avg10 is PSI over 10 s.
ALTER TABLE container_sample ADD COLUMN memory_used_kb INTEGER;
ALTER TABLE container_sample ADD COLUMN cpu_throttled_ns INTEGER;
ALTER TABLE container_sample ADD COLUMN cpu_throttled_periods INTEGER;
ALTER TABLE container_sample ADD COLUMN block_read_bytes INTEGER;
ALTER TABLE container_sample ADD COLUMN block_write_bytes INTEGER;
ALTER TABLE container_sample ADD COLUMN memory_some_avg10 REAL;
ALTER TABLE container_sample ADD COLUMN memory_some_total_us INTEGER;
ALTER TABLE container_sample ADD COLUMN memory_full_avg10 REAL;
ALTER TABLE container_sample ADD COLUMN memory_full_total_us INTEGER;
ALTER TABLE container_sample ADD COLUMN cpu_some_avg10 REAL;
ALTER TABLE container_sample ADD COLUMN cpu_some_total_us INTEGER;
ALTER TABLE container_sample ADD COLUMN cpu_full_avg10 REAL;
ALTER TABLE container_sample ADD COLUMN cpu_full_total_us INTEGER;
ALTER TABLE container_sample ADD COLUMN io_some_avg10 REAL;
ALTER TABLE container_sample ADD COLUMN io_some_total_us INTEGER;
ALTER TABLE container_sample ADD COLUMN io_full_avg10 REAL;
ALTER TABLE container_sample ADD COLUMN io_full_total_us INTEGER;
