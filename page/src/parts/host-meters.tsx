import type { RowsAnswer, StatusAnswer } from '../../../daemon/src/show/api.ts';
import { useAnswer } from '../api-client.ts';
import { bytes, digits, duration, kib, percent } from '../format-values.ts';
import { words } from '../words/index.ts';
import { Sparkline } from './sparkline.tsx';

const HOUR_MS = 3_600_000;

interface MeterProps {
  readonly title: string;
  readonly figure: string;
  readonly about: string;
  /** The last hour; `top` is the value at the upper edge. */
  readonly values?: readonly (number | null)[];
  readonly top?: number;
  /** A share from 0 to 1, drawn as a bar. */
  readonly share?: number;
}

const Meter = ({ title, figure, about, values, top = 100, share }: MeterProps) => (
  <article class="card meter">
    <h3>{title}</h3>
    <p class="figure">{figure}</p>
    {values !== undefined && <Sparkline values={values} top={top} />}
    {share !== undefined && (
      <span class="level" aria-hidden="true">
        <i style={{ width: `${100 * Math.min(1, share)}%` }} />
      </span>
    )}
    <p class="quiet">{about}</p>
  </article>
);

/** The host's memory, CPU, memory pressure, disks and network. */
export function HostMeters({ status: { host, disks, network, cycle } }: { readonly status: StatusAnswer }) {
  const text = words().host;
  const at = cycle?.at ?? 0;
  const range = { from: String(at * 1000 - HOUR_MS), to: String(at * 1000) };
  const memory = useAnswer('/api/panel/{id}', { id: 'ram-over-time', ...range }).data;
  const cpu = useAnswer('/api/panel/{id}', { id: 'host-cpu-over-time', ...range }).data;
  const pressure = useAnswer('/api/panel/{id}', { id: 'pressure-over-time', ...range }).data;
  if (host === null) return null;
  const busy = host.cpu_percent === null ? null : host.cpu_percent / host.cpus;
  const load = [
    host.load1 === null ? '' : text.load(digits(host.load1, 2)),
    host.process_total === null ? '' : text.processes(digits(host.process_total, 0)),
  ];
  return (
    <section aria-labelledby="host">
      <h2 id="host">{text.title}</h2>
      <div class="meters">
        <Meter
          title={text.memory}
          figure={percent((100 * host.used_kb) / host.total_kb)}
          values={columnOf(memory, 'En uso')}
          top={host.total_kb}
          about={`${text.of(kib(host.used_kb), kib(host.total_kb))} · ${text.available(kib(host.available_kb))}`}
        />
        <Meter
          title={text.cpu}
          figure={percent(busy)}
          values={columnOf(cpu, 'Promedio')}
          about={[text.cores(host.cpus), ...load].filter(Boolean).join(' · ')}
        />
        <Meter
          title={text.pressure}
          figure={percent(host.memory_full_avg10)}
          values={columnOf(pressure, 'Memoria, full')}
          about={host.memory_full_avg10 === null ? text.noPsi : text.psi}
        />
        {differentDisks(disks).map((disk) => (
          <Meter
            key={disk.holds}
            title={text.disk[disk.holds] ?? disk.holds}
            figure={percent(100 * (1 - disk.available_kb / disk.total_kb))}
            share={1 - disk.available_kb / disk.total_kb}
            about={[
              text.diskFree(kib(disk.available_kb), kib(disk.total_kb)),
              disk.full_in_hours === null ? '' : text.diskFull(duration(3600 * disk.full_in_hours)),
            ]
              .filter(Boolean)
              .join(' · ')}
          />
        ))}
        {network !== null && network.received !== null && (
          <Meter
            title={text.network}
            figure={`↓ ${bytes(network.received)}/s`}
            about={`↑ ${bytes(network.sent)}/s · ${text.networkAbout}`}
          />
        )}
      </div>
    </section>
  );
}

/** One of two that are the same file system. */
const differentDisks = (disks: StatusAnswer['disks']): StatusAnswer['disks'] =>
  disks.length === 2 && disks[0]?.available_kb === disks[1]?.available_kb ? disks.slice(0, 1) : disks;

/** The numbers of one column; empty when the answer does not have it. */
function columnOf(answer: RowsAnswer | null, name: string): (number | null)[] {
  const i = answer?.columns.indexOf(name) ?? -1;
  return answer === null || i < 0
    ? []
    : answer.rows.map((row) => (typeof row[i] === 'number' ? row[i] : null));
}
