import type { Database, Row } from './queries.ts';

/**
 * What all containers together received and sent between the two newest cycles, in bytes per second; both null where no
 * container's counters are known in both.
 */
export const readNetwork = (db: Database): Row | null =>
  db
    .prepare(`
      WITH newest(at, before) AS (
        SELECT max(at), (SELECT max(at) FROM cycle WHERE at < (SELECT max(at) FROM cycle)) FROM cycle)
      SELECT sum(s.net_rx_bytes - p.net_rx_bytes) * 1.0 / (newest.at - newest.before) AS received,
             sum(s.net_tx_bytes - p.net_tx_bytes) * 1.0 / (newest.at - newest.before) AS sent
      FROM newest JOIN container_sample AS s ON s.at = newest.at
        JOIN container_sample AS p ON p.container = s.container AND p.at = newest.before
      WHERE s.net_rx_bytes >= p.net_rx_bytes AND s.net_tx_bytes >= p.net_tx_bytes`)
    .get() ?? null;
