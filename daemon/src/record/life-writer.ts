import type { DatabaseSync } from 'node:sqlite';
import { composeAddress } from '../model/compose.ts';
import type { Config } from '../model/config.ts';
import type { Classification } from '../model/decision.ts';
import { CLASS_LABEL } from '../model/ownership.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import type { ContainerId, KiB, Percent, Seconds } from '../model/units.ts';
import { policyOf } from '../policy/resolve-policy.ts';
import { boundedName } from './bounded.ts';

/** A container as its row holds it. */
interface Written {
  readonly key: number;
  readonly name: string;
  readonly image: string;
  readonly policy: string;
  readonly pid: number | null;
  readonly peakRssKb: KiB;
  readonly peakMemPercent: Percent;
  readonly peakCpuPercent: Percent | null;
}

/** Writes one row for each container. For one that has not changed, only the class and the time are written. */
export class LifeWriter {
  readonly #config: () => Config;
  readonly #sql: ReturnType<typeof prepare>;
  /** The rows of the last cycle. */
  #written: ReadonlyMap<ContainerId, Written> = new Map();

  constructor(db: DatabaseSync, config: () => Config) {
    this.#config = config;
    this.#sql = prepare(db);
  }

  /** To be called within the cycle's transaction; the caller calls `isWritten` once that is committed. */
  write(
    containers: readonly ContainerSample[],
    classificationOf: ReadonlyMap<ContainerId, Classification>,
    at: Seconds,
  ) {
    const written = new Map(
      containers.map((container) => [
        container.id,
        this.#save(container, classificationOf.get(container.id), at),
      ]),
    );
    return {
      /** Keys of the rows in table `container`. */
      keys: new Map([...written].map(([id, { key }]) => [id, key])),
      isWritten: () => {
        this.#written = written;
      },
    };
  }

  #save(container: ContainerSample, classification: Classification | undefined, at: Seconds): Written {
    const { id, name, image, usage } = container;
    const level = classification?.level ?? 'unknown';
    const now = {
      pid: usage?.pid ?? null,
      peakRssKb: usage?.rssKb ?? 0,
      peakMemPercent: usage?.memPercent ?? 0,
      peakCpuPercent: classification?.cpuPercent ?? null,
    };
    const before = this.#written.get(id);
    const life = lifeOf(container, this.#config());
    const isSame = name === before?.name && image === before.image && life.policy === before.policy;
    if (before !== undefined && isSame) {
      const then = {
        ...before,
        pid: now.pid ?? before.pid,
        peakRssKb: Math.max(now.peakRssKb, before.peakRssKb),
        peakMemPercent: Math.max(now.peakMemPercent, before.peakMemPercent),
        peakCpuPercent: highest(now.peakCpuPercent, before.peakCpuPercent),
      };
      const isAsWritten =
        then.pid === before.pid &&
        then.peakRssKb === before.peakRssKb &&
        then.peakMemPercent === before.peakMemPercent &&
        then.peakCpuPercent === before.peakCpuPercent;
      const { key, pid, peakRssKb, peakMemPercent, peakCpuPercent } = then;
      const { changes } = isAsWritten
        ? this.#sql.seen.run(level, at, key)
        : this.#sql.peaks.run(level, at, pid, peakRssKb, peakMemPercent, peakCpuPercent, key);
      if (changes === 1) return isAsWritten ? before : then;
    }
    const row = this.#sql.insert.get(
      ...Object.values(life),
      now.pid,
      level,
      at,
      at,
      now.peakRssKb,
      now.peakMemPercent,
      now.peakCpuPercent,
    );
    const cpu = row?.['peak_cpu_percent'] ?? null;
    return {
      key: Number(row?.['key']),
      name,
      image,
      policy: life.policy,
      pid: row?.['pid'] === null ? null : Number(row?.['pid']),
      peakRssKb: Number(row?.['peak_rss_kb']),
      peakMemPercent: Number(row?.['peak_mem_percent']),
      peakCpuPercent: cpu === null ? null : Number(cpu),
    };
  }
}

function highest(a: Percent | null, b: Percent | null): Percent | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** The values that do not change with use, in the order of the columns. */
function lifeOf(container: ContainerSample, config: Config) {
  const policy = policyOf(container, config);
  const declared = container.labels[CLASS_LABEL];
  return {
    id: container.id,
    name: boundedName(container.name),
    image: boundedName(container.image),
    managed: Number(policy.kind === 'disposable' || policy.kind === 'service'),
    protected: Number(policy.kind === 'protected'),
    declared_class: boundedOrNull(declared ?? null),
    kind: policy.kind,
    policy: JSON.stringify(policy),
    compose: boundedOrNull(composeAddress(container.labels)),
  };
}

const boundedOrNull = (text: string | null): string | null => (text === null ? null : boundedName(text));

function prepare(db: DatabaseSync) {
  return {
    insert: db.prepare(`
      INSERT INTO container (id, name, image, managed, protected, declared_class, kind, policy, compose, pid, level,
                             first_seen, last_seen, peak_rss_kb, peak_mem_percent, peak_cpu_percent)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, image = excluded.image, managed = excluded.managed, protected = excluded.protected,
        kind = excluded.kind, policy = excluded.policy, compose = excluded.compose, pid = coalesce(excluded.pid, pid), level = excluded.level, last_seen = excluded.last_seen,
        peak_rss_kb = max(peak_rss_kb, excluded.peak_rss_kb),
        peak_mem_percent = max(peak_mem_percent, excluded.peak_mem_percent),
        peak_cpu_percent = coalesce(max(peak_cpu_percent, excluded.peak_cpu_percent), peak_cpu_percent, excluded.peak_cpu_percent)
      RETURNING key, pid, peak_rss_kb, peak_mem_percent, peak_cpu_percent`),
    seen: db.prepare('UPDATE container SET level = ?, last_seen = ? WHERE key = ?'),
    peaks: db.prepare(
      'UPDATE container SET level = ?, last_seen = ?, pid = ?, peak_rss_kb = ?, peak_mem_percent = ?, peak_cpu_percent = ? WHERE key = ?',
    ),
  };
}
