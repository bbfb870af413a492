import type { Reason } from '../../daemon/src/model/reason.ts';
import type { ActionRow, Because, Row } from '../../daemon/src/record/queries.ts';
import type { TopView } from '../../daemon/src/show/top.ts';
import { config } from './builders.ts';

/** The time of the sample screens. It is local, so that the clock on them does not depend on the time zone. */
export const NOW = new Date(2026, 10, 25, 19, 5, 12);
export const AT = Math.floor(NOW.getTime() / 1000) - 6;

const LOW: Reason = { code: 'below-lines', cpu: 0, cpuLine: 0.09, memory: 0.02, memoryLine: 0.16 };

export function containerRow(n: number, more: Row = {}, because: Reason = LOW): Because {
  const row: Row = {
    id: `${n}`.padStart(3, '0').repeat(22).slice(0, 64),
    name: `vigia-idle-261125190${n % 10}02-1111-${n}`,
    image: 'vigia/idle',
    managed: 1,
    protected: 0,
    kind: 'disposable',
    declared_class: null,
    pid: 4000 + n,
    level: 'low',
    cpu_percent: 0,
    rss_kb: 660 + n,
    mem_percent: 0.02,
    process_count: 1,
    first_seen: AT - 60 * n,
    removed_at: null,
    ...more,
  };
  return Object.assign(row, { because });
}

const high = (n: number, cpu: number, rss: number, more: Row = {}, because?: Reason) =>
  containerRow(
    n,
    {
      name: `vigia-cpu-floor-${(n * 7919).toString(16)}`,
      level: 'high',
      cpu_percent: cpu,
      rss_kb: rss,
      ...more,
    },
    because ?? { code: 'cpu-above-line', cpu, line: 0.09 },
  );

export function actionRow(
  n: number,
  more: Row = {},
  reasons: { readonly because?: Reason; readonly detail?: Reason } = {},
): ActionRow {
  const row: Row = {
    id: 100 - n,
    tick: 1200,
    at: AT - 40 * n,
    kind: 'remove',
    level: 'high',
    result: 'done',
    name: `vigia-cpu-26112519040${n}-2222-${n}`,
    container_id: 'ab'.repeat(32),
    took_ms: 412,
    ...more,
  };
  const why: Reason = { code: 'cpu-above-line', cpu: 30.1 - n, line: 0.09 };
  return Object.assign(row, {
    because: { code: 'surplus', count: 7, level: 'high', keep: 2, why } satisfies Reason,
    detail: { code: 'removed' } satisfies Reason,
    ...reasons,
  });
}

export function topView(more: Partial<TopView> = {}, cycle: Row = {}): TopView {
  return {
    status: {
      cycle: Object.assign<Row, { because: null }>(
        {
          tick: 1234,
          at: AT,
          sensor: 'kernel',
          plan: 'act',
          low_after: 3,
          high_after: 2,
          unknown_after: 1,
          rss_kb: 93_000,
          ...cycle,
        },
        { because: null },
      ),
      disks: [],
      host: {
        at: AT,
        cpus: 4,
        total_kb: 4_000_000,
        free_kb: 2_000_000,
        available_kb: 3_000_000,
        used_kb: 1_000_000,
        cpu_percent: 123.4,
        load1: 0.53,
        memory_full_avg10: 0,
        memory_some_avg10: 0,
        io_full_avg10: 1.25,
        cpu_some_avg10: 12.5,
        process_total: 312,
      },
      containers: [
        high(1, 26.4, 900),
        high(
          2,
          0.036,
          66_500,
          { name: 'vigia-ram-floor-bd9d2556' },
          { code: 'memory-above-line', memory: 1.7, line: 0.16 },
        ),
        containerRow(3),
        containerRow(4),
        containerRow(5),
        containerRow(6, { level: 'unknown', cpu_percent: null }, { code: 'first-reading' }),
        containerRow(7, {
          name: 'vigia-grafana',
          image: 'grafana/grafana',
          managed: 0,
          protected: 1,
          kind: 'protected',
          rss_kb: 180_000,
        }),
        containerRow(8, {
          name: 'postgres',
          image: 'postgres:17',
          managed: 0,
          kind: 'foreign',
          cpu_percent: 3.2,
          rss_kb: 90_000,
        }),
      ],
      actions: [
        actionRow(0),
        actionRow(1, { result: 'skipped' }, { detail: { code: 'ended-by-itself' } }),
        actionRow(
          2,
          { kind: 'start', name: 'vigia/idle', level: 'low' },
          { because: { code: 'shortage', count: 2, level: 'low', keep: 3 } },
        ),
        actionRow(
          3,
          { kind: 'throttle' },
          {
            because: {
              code: 'throttle-for',
              breach: { code: 'cpu-above-threshold', cpu: 99.8, threshold: 90, learned: false },
              seconds: 60,
              percent: 25,
            },
          },
        ),
        actionRow(4),
        actionRow(5),
      ],
      faults: [],
      notices: [],
    },
    trend: Array.from({ length: 30 }, (_, i) => ({
      at: AT - 20 * (30 - i),
      used_kb: 400_000 + 120_000 * i,
      total_kb: 4_000_000,
      cpu_percent: i === 3 ? null : (i * 53) % 400,
      cpus: 4,
    })),
    config: config(),
    now: NOW,
    problem: null,
    language: 'en',
    isNew: false,
    ...more,
  };
}
