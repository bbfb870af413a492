// The expected answer of each panel, computed from the seeds in TypeScript and not by its SQL.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import {
  actions,
  containerSamples,
  containers,
  cycles,
  faults,
  file,
  hex,
  hosts,
  type Level,
  processCounts,
  processSamples,
  type Range,
  type Row,
  TIMES,
  type Value,
} from './panels-seeds.ts';

const CONTAINER_KIND: Readonly<Record<string, string>> = {
  disposable: 'desechable',
  service: 'servicio',
  foreign: 'ajeno',
  protected: 'protegido',
};

export const seconds = (range: Range) => ({
  from: Math.floor(range.from / 1000),
  to: Math.floor(range.to / 1000),
});

export function within<T extends { readonly at: number }>(rows: readonly T[], range: Range): T[] {
  const { from, to } = seconds(range);
  return rows.filter(({ at }) => at >= from && at <= to);
}

export function newest<T extends { readonly at: number }>(rows: readonly T[], range: Range): T[] {
  const inRange = within(rows, range);
  const at = Math.max(...inRange.map((row) => row.at));
  return inRange.filter((row) => row.at === at);
}

/** Seconds between points where no tier is written: at most 600 points, in whole minutes, 5 minutes or hours. */
export function stepOf(range: Range): number {
  const { from, to } = seconds(range);
  return stepFor(to - from);
}

export function stepFor(length: number): number {
  const steps = (unit: number) => unit * Math.ceil(length / 600 / unit);
  if (length <= 12_000) return 20;
  if (length <= 21_600) return steps(60);
  return length <= 604_800 ? steps(300) : steps(3600);
}

export function buckets<T extends { readonly at: number }>(
  rows: readonly T[],
  range: Range,
  step = stepOf(range),
): [number, T[]][] {
  const groups = new Map<number, T[]>();
  for (const row of within(rows, range)) {
    const time = Math.floor(row.at / step) * step;
    groups.set(time, [...(groups.get(time) ?? []), row]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
export const mean = (numbers: readonly (number | null)[]): number | null => {
  const known = numbers.filter((n) => n !== null);
  return known.length === 0 ? null : sum(known) / known.length;
};
export const max = (numbers: readonly (number | null)[]): number | null => {
  const known = numbers.filter((n) => n !== null);
  return known.length === 0 ? null : Math.max(...known);
};

/** A total order by the given keys; null is the smallest, as in SQLite. */
export function by<T>(...keys: ((row: T) => Value)[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const key of keys) {
      const [x, y] = [key(a), key(b)];
      if (x === y) continue;
      if (x === null) return -1;
      if (y === null) return 1;
      return x < y ? -1 : 1;
    }
    return 0;
  };
}
const least = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : Math.min(...numbers);
/** Whether a cycle knows classes: the first one after a start does not. */
const isKnown = (r: { low_after: number; high_after: number; unknown_after: number }): boolean =>
  r.low_after + r.high_after > 0 || r.unknown_after === 0;
export const down = (n: number | null): number => (n === null ? Number.POSITIVE_INFINITY : -n);

/** A name of more than 20 characters keeps its beginning and its end. */
export function labelOf({ name, pid, id }: { name: string; pid: number | null; id: string }): string {
  const signs = Array.from(name);
  const short = signs.length <= 20 ? name : `${signs.slice(0, 10).join('')}…${signs.slice(-9).join('')}`;
  return `${short} (pid ${pid ?? '?'}, ${id.slice(0, 12)})`;
}

export function topContainers(
  range: Range,
  value: (c: (typeof containers)[number]) => Value,
  column: string,
): Row[] {
  const { from, to } = seconds(range);
  return containers
    .filter((c) => c.managed === 1 && c.last_seen >= from && c.first_seen <= to && Number(value(c) ?? 0) > 0)
    .sort(
      by(
        (c) => down(Number(value(c))),
        (c) => c.key,
      ),
    )
    .slice(0, 5)
    .map((c) => ({
      Contenedor: labelOf(c),
      [column]: value(c),
    }));
}

export function topProcesses(
  range: Range,
  value: (p: (typeof processSamples)[number]) => number,
  column: string,
): Row[] {
  const { from, to } = seconds(range);
  const byPid = to - from <= 21_600;
  const peaks = new Map<string, { pid: number; name: string; peak: number }>();
  for (const row of within(processSamples, range)) {
    const identity = byPid ? `${row.pid}/${row.name}` : row.name;
    const peak = Math.max(value(row), peaks.get(identity)?.peak ?? 0);
    if (peak > 0) peaks.set(identity, { pid: byPid ? row.pid : 0, name: row.name, peak });
  }
  return [...peaks.values()]
    .sort(
      by(
        ({ peak }) => -peak,
        ({ pid }) => pid,
        ({ name }) => name,
      ),
    )
    .slice(0, 5)
    .map(({ pid, name, peak }) => ({ Proceso: byPid ? `${name} (pid ${pid})` : name, [column]: peak }));
}

export function byClass(range: Range, value: (s: (typeof containerSamples)[number]) => number | null): Row[] {
  const managed = new Set(containers.filter((c) => c.managed === 1).map((c) => c.key));
  return buckets(
    containerSamples.filter((s) => managed.has(s.container)),
    range,
  ).map(([time, rows]) => {
    const moments = [...new Set(rows.map(({ at }) => at))];
    const average = (level: Level) =>
      mean(
        moments.map((at) =>
          sum(rows.filter((r) => r.at === at && r.level === level).map((r) => value(r) ?? 0)),
        ),
      );
    return {
      time,
      'Bajo consumo': average('low'),
      'Alto consumo': average('high'),
      'Sin clasificar': average('unknown'),
    };
  });
}

export const STATES: Readonly<Record<string, string>> = {
  R: 'en ejecución (R)',
  S: 'dormido (S)',
  D: 'bloqueado (D)',
  T: 'detenido (T)',
  t: 'en depuración (t)',
  Z: 'zombi (Z)',
  X: 'muerto (X)',
  I: 'ocioso (I)',
};
export const CLASS: Readonly<Record<string, string>> = { low: 'bajo', high: 'alto' };
export const KIND: Readonly<Record<string, string>> = {
  remove: 'eliminar',
  start: 'iniciar',
  throttle: 'frenar',
};
export const RESULT: Readonly<Record<string, string>> = {
  done: 'hecho',
  skipped: 'omitido',
  failed: 'falló',
};

export const removed = (range: Range) =>
  within(actions, range).filter((a) => a.kind === 'remove' && a.result === 'done');

export const samplesOf = (chosen: string) => {
  const key = chosen === '' ? undefined : containers.find(({ id }) => id.startsWith(chosen))?.key;
  return containerSamples.filter(({ container }) => container === key);
};

/** Seconds between points of a container's own panels: depends on the part of its life that is in the range. */
export function stepInLife(range: Range, chosen: string): number {
  const { from, to } = seconds(range);
  const life = containers.find(({ id }) => chosen !== '' && id.startsWith(chosen));
  return life === undefined ? 20 : stepFor(Math.min(to, life.last_seen) - Math.max(from, life.first_seen));
}

/** Increase of counters per second between neighbouring samples, where both are known and none decreased. */
export function rates(
  range: Range,
  chosen: string,
  factor: number,
  counters: Readonly<Record<string, (sample: (typeof containerSamples)[number]) => number | null>>,
): Row[] {
  const rows = within(samplesOf(chosen), range).sort(by(({ at }) => at));
  const pairs = rows.slice(1).map((now, i) => ({ at: now.at, before: rows[i] ?? now, now }));
  return buckets(pairs, range, stepInLife(range, chosen)).map(([time, steps]) => {
    const row: Record<string, Value> = { time };
    for (const [name, read] of Object.entries(counters)) {
      const gains = steps.flatMap(({ before, now }) => {
        const [x, y] = [read(before), read(now)];
        return x === null || y === null || y < x ? [] : [{ gain: y - x, seconds: now.at - before.at }];
      });
      row[name] =
        gains.length === 0
          ? null
          : (factor * sum(gains.map(({ gain }) => gain))) / sum(gains.map(({ seconds }) => seconds));
    }
    return row;
  });
}

/** Containers to query the per-container panels for: by ID, by prefix, a removed one, an unknown one, none. */
export const CHOSEN = [hex(4), hex(12).slice(0, 12), hex(5), hex(9).slice(0, 12), 'ffffffffffff', ''];

export const EXPECTED: Readonly<Record<string, (range: Range, chosen: string) => Row[]>> = {
  'total-ram': (range) => newest(hosts, range).map((h) => ({ 'RAM total': h.total_kb })),
  'free-ram': (range) => newest(hosts, range).map((h) => ({ 'RAM libre': h.free_kb })),
  'used-ram': (range) => newest(hosts, range).map((h) => ({ 'RAM en uso': h.used_kb })),
  'ram-over-time': (range) =>
    buckets(hosts, range).map(([time, rows]) => ({
      time,
      'En uso': mean(rows.map((r) => r.used_kb)),
      Recuperable: mean(rows.map((r) => Math.max(0, r.total_kb - r.used_kb - r.free_kb))),
      Libre: mean(rows.map((r) => r.free_kb)),
    })),
  'host-cpu': (range) =>
    newest(
      hosts.filter((h) => h.cpu_percent !== null),
      range,
    ).map((h) => ({ CPU: (h.cpu_percent ?? 0) / 4 })),
  'host-cpu-over-time': (range) =>
    buckets(
      hosts.filter((h) => h.cpu_percent !== null),
      range,
    ).map(([time, rows]) => {
      const shares = rows.map((r) => (r.cpu_percent ?? 0) / 4);
      return { time, Promedio: mean(shares), Máximo: max(shares) };
    }),
  'pressure-over-time': (range) =>
    buckets(
      hosts.filter((h) => h.memory_some_avg10 !== null),
      range,
    ).map(([time, rows]) => ({
      time,
      'Memoria, some': max(rows.map((r) => r.memory_some_avg10)),
      'Memoria, full': max(rows.map((r) => r.memory_full_avg10)),
      'E/S, full': max(rows.map((r) => r.io_full_avg10)),
      'CPU, some': max(rows.map((r) => r.cpu_some_avg10)),
    })),
  'sample-age': (range) => {
    const past = TIMES.filter((at) => at <= seconds(range).to);
    return past.length === 0 ? [] : [{ Edad: seconds(range).to - Math.max(...past) }];
  },
  'low-running': (range) => newest(cycles, range).map((c) => ({ 'Bajo consumo': c.low_after })),
  'high-running': (range) => newest(cycles, range).map((c) => ({ 'Alto consumo': c.high_after })),
  'running-over-time': (range) =>
    buckets(cycles, range).map(([time, rows]) => ({
      time,
      'Bajo consumo': least(rows.filter(isKnown).map((r) => r.low_after)),
      'Alto consumo': least(rows.filter(isKnown).map((r) => r.high_after)),
      'Sin clasificar': Math.max(...rows.map((r) => r.unknown_after)),
      'Bajo requerido': newest(cycles, range)[0]?.low_keep ?? 3,
      'Alto requerido': newest(cycles, range)[0]?.high_keep ?? 2,
    })),
  'removed-total': (range) => [{ Eliminados: removed(range).length }],
  'removed-over-time': (range) => {
    const perTime = new Map(buckets(removed(range), range).map(([time, rows]) => [time, rows.length]));
    let total = 0;
    return buckets(cycles, range).map(([time]) => {
      total += perTime.get(time) ?? 0;
      return { time, 'Por intervalo': perTime.get(time) ?? 0, Acumulados: total };
    });
  },
  'top-containers-ram': (range) => topContainers(range, (c) => c.peak_rss_kb, 'RAM'),
  'top-containers-cpu': (range) => topContainers(range, (c) => c.peak_cpu_percent, 'CPU'),
  'containers-ram-over-time': (range) => byClass(range, (s) => s.rss_kb),
  'containers-cpu-over-time': (range) => byClass(range, (s) => s.cpu_percent),
  'containers-now': (range) => {
    const at = newest(cycles, range)[0]?.at;
    return containerSamples
      .filter((s) => s.at === at)
      .sort(
        by(
          (s) => down(s.cpu_percent),
          (s) => -s.rss_kb,
          (s) => s.container,
        ),
      )
      .map((s) => {
        const c = containers.find(({ key }) => key === s.container);
        assert.ok(c);
        const { memory_current_kb: current, memory_limit_kb: limit } = s;
        return {
          Contenedor: c.name,
          ID: c.id.slice(0, 12),
          PID: c.pid,
          Clase: CLASS[s.level] ?? 'sin clasificar',
          Tipo:
            CONTAINER_KIND[c.kind ?? ''] ?? (c.protected ? 'protegido' : c.managed ? 'gestionado' : 'ajeno'),
          CPU: s.cpu_percent,
          RAM: s.mem_percent,
          RSS: s.rss_kb,
          VSZ: s.vsz_kb,
          'Del límite': current === null || limit === null ? null : (100 * current) / limit,
          'RAM que liberaría': s.memory_used_kb,
          Frenado: s.cpu_throttled_ns === null ? null : s.cpu_throttled_ns / 1e9,
          'Espera RAM': s.memory_full_avg10,
          'Espera E/S': s.io_full_avg10,
          Límites:
            [
              s.cpu_limited_to === null ? [] : 'CPU 25 %',
              s.squeezed_to_kb === null ? [] : 'RAM 512 MiB',
              s.pids_limited_to === null ? [] : 'PID 1977',
              s.io_limited_to === null ? [] : 'I/O 10 MiB/s',
            ]
              .flat()
              .join(', ') || null,
          Procesos: s.process_count,
          Leído: s.io_read_bytes,
          Escrito: s.io_write_bytes,
          'Por qué esa clase': s.because,
          Imagen: c.image,
        };
      });
  },
  decisions: (range) =>
    within(actions, range)
      .sort(
        by(
          (a) => -a.at,
          (a) => -a.id,
        ),
      )
      .slice(0, 200)
      .map((a) => ({
        Hora: a.at,
        Acción: KIND[a.kind] ?? a.kind,
        Contenedor: a.name,
        ID: a.container_id?.slice(0, 12) ?? null,
        Clase: CLASS[a.level ?? ''] ?? 'ninguna',
        Razón: a.because,
        Resultado: RESULT[a.result] ?? a.result,
        Detalle: a.detail,
        Tardó: a.took_ms,
      })),
  'container-lives': (range) => {
    const { from, to } = seconds(range);
    const last = cycles.findLast(({ at }) => at <= to)?.at ?? Number.POSITIVE_INFINITY;
    return containers
      .filter((c) => c.managed === 1 && c.last_seen >= from && c.first_seen <= to)
      .sort(
        by(
          (c) => -c.last_seen,
          (c) => -c.first_seen,
          (c) => -c.key,
        ),
      )
      .slice(0, 15)
      .flatMap((c) => {
        const lane = labelOf(c);
        const start: Row = {
          time: Math.max(c.first_seen, from),
          lane,
          state: CLASS[c.level] ?? 'sin clasificar',
        };
        const isAlive = c.removed_at === null && c.last_seen >= last;
        const end = Math.max(c.removed_at ?? c.last_seen, c.first_seen + 20);
        return isAlive || end > to ? [start] : [start, { time: end, lane, state: null }];
      })
      .sort(
        by(
          (r) => r['time'] ?? null,
          (r) => r['lane'] ?? null,
          (r) => r['state'] ?? null,
        ),
      );
  },
  'limit-use': (range) => {
    const at = newest(cycles, range)[0]?.at;
    return containerSamples
      .flatMap((s) =>
        s.at === at && s.memory_limit_kb !== null && s.memory_current_kb !== null
          ? [{ key: s.container, share: (100 * s.memory_current_kb) / s.memory_limit_kb }]
          : [],
      )
      .sort(
        by(
          ({ share }) => -share,
          ({ key }) => key,
        ),
      )
      .slice(0, 10)
      .map(({ key, share }) => ({
        Contenedor: containers.find((c) => c.key === key)?.name ?? null,
        'Del límite': share,
      }));
  },
  'container-facts': (_, chosen) =>
    containers
      .filter(({ id }) => chosen !== '' && id.startsWith(chosen))
      .slice(0, 1)
      .map((c) => ({
        Contenedor: c.name,
        ID: c.id.slice(0, 12),
        PID: c.pid,
        Tipo:
          CONTAINER_KIND[c.kind ?? ''] ?? (c.protected ? 'protegido' : c.managed ? 'gestionado' : 'ajeno'),
        Clase: CLASS[c.level] ?? 'sin clasificar',
        Imagen: c.image,
        Visto: c.first_seen,
        'Visto por última vez': c.last_seen,
        Fin: c.removed_at,
        'Pico de CPU': c.peak_cpu_percent,
        'Pico de RSS': c.peak_rss_kb,
      })),
  'container-decisions': (_, chosen) =>
    actions
      .filter(({ container_id }) => chosen !== '' && container_id?.startsWith(chosen))
      .sort(
        by(
          (a) => -a.at,
          (a) => -a.id,
        ),
      )
      .slice(0, 100)
      .map((a) => ({
        Hora: a.at,
        Acción: KIND[a.kind] ?? a.kind,
        Clase: CLASS[a.level ?? ''] ?? 'ninguna',
        Razón: a.because,
        Resultado: RESULT[a.result] ?? a.result,
        Detalle: a.detail,
        Tardó: a.took_ms,
      })),
  'container-cpu-over-time': (range, chosen) =>
    buckets(
      samplesOf(chosen).filter((s) => s.cpu_percent !== null),
      range,
      stepInLife(range, chosen),
    ).map(([time, rows]) => {
      const rates = rows.map((r) => r.cpu_percent);
      return { time, Promedio: mean(rates), Máximo: max(rates) };
    }),
  'container-ram-over-time': (range, chosen) =>
    buckets(samplesOf(chosen), range, stepInLife(range, chosen)).map(([time, rows]) => ({
      time,
      RSS: max(rows.map((r) => r.rss_kb)),
      Liberaría: max(rows.map((r) => r.memory_used_kb)),
      Límite: max(rows.map((r) => r.memory_limit_kb)),
    })),
  'container-io-over-time': (range, chosen) =>
    rates(range, chosen, 1, {
      Leídos: (s) => s.io_read_bytes,
      Escritos: (s) => s.io_write_bytes,
      'Del disco': (s) => s.block_read_bytes,
      'Al disco': (s) => s.block_write_bytes,
    }),
  'container-network-over-time': (range, chosen) =>
    rates(range, chosen, 1, { Recibidos: (s) => s.net_rx_bytes, Enviados: (s) => s.net_tx_bytes }),
  'container-throttled-over-time': (range, chosen) =>
    // In nanoseconds: one second of throttling per second is 100 %.
    rates(range, chosen, 100 / 1e9, {
      Frenado: (s) => s.cpu_throttled_ns,
      'Espera RAM': (s) => (s.memory_full_total_us === null ? null : s.memory_full_total_us * 1000),
      'Espera E/S': (s) => (s.io_full_total_us === null ? null : s.io_full_total_us * 1000),
      'Espera CPU': (s) => s.cpu_some_total_us * 1000,
    }),
  'load-over-time': (range) =>
    buckets(hosts, range).map(([time, rows]) => ({
      time,
      Promedio: mean(rows.map((r) => r.load1)),
      Máximo: max(rows.map((r) => r.load1)),
      Núcleos: 4,
    })),
  'daemon-cost-over-time': (range) =>
    buckets(cycles, range).map(([time, rows]) => ({
      time,
      Leer: mean(rows.map((r) => r.sense_ms)),
      Decidir: mean(rows.map((r) => r.decide_ms)),
      Actuar: mean(rows.map((r) => r.act_ms)),
    })),
  'daemon-ram-over-time': (range) =>
    buckets(cycles, range).map(([time, rows]) => ({ time, RSS: max(rows.map((r) => r.rss_kb)) })),
  'database-size': () => [{ 'Base de datos': statSync(file).size }],
  holds: (range) =>
    [
      ...within(cycles, range)
        .filter((c) => c.plan === 'hold')
        .map((c) => ({ Hora: c.at, Ciclo: c.tick, Qué: 'en espera', Razón: c.because })),
      ...within(faults, range).map((f) => ({
        Hora: f.at,
        Ciclo: f.tick,
        Qué: f.sensor === 'policy' ? 'aviso' : `fallo de ${f.sensor}${f.blind ? ', a ciegas' : ''}`,
        Razón: f.message,
      })),
    ].sort(
      by(
        (r) => -r.Hora,
        (r) => -r.Ciclo,
        (r) => r.Qué,
        (r) => r.Razón,
      ),
    ),
  'process-total': (range) =>
    newest(
      hosts.filter((h) => h.process_total !== null),
      range,
    ).map((h) => ({ Procesos: h.process_total })),
  'processes-over-time': (range) =>
    buckets(processCounts, range).map(([time, rows]) => {
      const moments = new Set(rows.map(({ at }) => at)).size;
      const average = (state: string) =>
        sum(rows.filter((r) => r.state === state).map((r) => r.count)) / moments;
      return {
        time,
        'En ejecución': average('R'),
        Bloqueados: average('D'),
        Zombis: average('Z'),
        Total: sum(rows.map((r) => r.count)) / moments,
      };
    }),
  'process-states': (range) =>
    newest(processCounts, range)
      .sort(
        by(
          (p) => -p.count,
          (p) => p.state,
        ),
      )
      .map((p) => ({ Estado: STATES[p.state] ?? p.state, Procesos: p.count })),
  'top-processes-ram': (range) => topProcesses(range, (p) => p.rss_kb, 'RAM'),
  'top-processes-cpu': (range) => topProcesses(range, (p) => p.cpu_percent, 'CPU'),
  'processes-now': (range) =>
    newest(processSamples, range)
      .sort(
        by(
          (p) => -p.cpu_percent,
          (p) => -p.rss_kb,
          (p) => p.pid,
        ),
      )
      .map((p) => ({
        PID: p.pid,
        Nombre: p.name,
        Estado: STATES[p.state] ?? p.state,
        CPU: p.cpu_percent,
        RAM: p.mem_percent,
        RSS: p.rss_kb,
        VSZ: p.vsz_kb,
        UID: p.uid,
        Contenedor: p.container_id?.slice(0, 12) ?? null,
        Comando: p.cmdline,
      })),
};
