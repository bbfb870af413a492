import { IN_TIER, NOT_IN_TIER, spanBetween } from './source.ts';

/** Counters that samples and tiers both have. A tier has their values at the end of each bucket. */
const COUNTERS = [
  'cpu_throttled_ns',
  'io_read_bytes',
  'io_write_bytes',
  'block_read_bytes',
  'block_write_bytes',
  'net_rx_bytes',
  'net_tx_bytes',
  'memory_full_total_us',
  'cpu_some_total_us',
  'io_full_total_us',
].join(', ');

/**
 * SQL for the container that `:container` names, by its ID or the beginning of it, and for its rows in the range. The
 * choice between samples and tiers depends on the length of its life within the range, so that a short life is shown in
 * full detail in a long range too.
 */
export const CHOSEN = `chosen(key, first_seen, last_seen) AS (
  SELECT key, first_seen, last_seen FROM container
  WHERE :container <> '' AND id >= :container AND id < :container || 'g'
  ORDER BY id LIMIT 1
),
${spanBetween(
  'MAX($__from / 1000, (SELECT first_seen FROM chosen))',
  'MIN($__to / 1000, (SELECT last_seen FROM chosen))',
)},
rows(at, until, samples, cpu_percent, cpu_percent_max, rss_kb, memory_used_kb, memory_limit_kb, ${COUNTERS}) AS (
  SELECT at, at + step, samples, cpu_percent_avg, cpu_percent_max, rss_kb_max, memory_used_kb_max, memory_limit_kb, ${COUNTERS}
  FROM container_tier WHERE container = (SELECT key FROM chosen) AND ${IN_TIER}
  UNION ALL
  SELECT at, at, 1, cpu_percent, cpu_percent, rss_kb, memory_used_kb, memory_limit_kb, ${COUNTERS}
  FROM container_sample WHERE container = (SELECT key FROM chosen) AND ${NOT_IN_TIER}
)`;
