import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { bytes, digits, kib, milliseconds } from '../format-values.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { pack } from '../words/index.ts';
import type { SimulationWords } from '../words/simulation-es.ts';
import { type Report, readReport } from './read-simulation-report.ts';

/** The opened file, kept while other views are shown. */
const opened = signal<{ readonly name: string; readonly report: Report | null } | null>(null);

/** Shows the JSON report of a simulation. The file is read in the browser and not sent anywhere. */
export function SimulationView() {
  const { simulation: text } = pack();
  return text === null ? <Loading /> : <Simulation text={text} />;
}

function Simulation({ text }: { readonly text: SimulationWords }) {
  const [isOver, setOver] = useState(false);

  async function open(file: File | undefined): Promise<void> {
    if (file !== undefined) opened.value = { name: file.name, report: readReport(await file.text()) };
  }

  const { report = null, name = '' } = opened.value ?? {};
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a shortcut for the button in it
    <div
      class={`drop ${isOver ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void open(event.dataTransfer?.files[0]);
      }}
    >
      <div class="view-head">
        <h1>{text.title}</h1>
        <label class="button">
          {report === null ? text.open : text.another}
          <input
            type="file"
            class="unseen"
            accept="application/json,.json"
            onChange={({ currentTarget }) => void open(currentTarget.files?.[0])}
          />
        </label>
        <span class="quiet">{text.drop}</span>
      </div>
      {opened.value !== null && report === null && (
        <p class="trouble" role="alert">
          {text.wrong(name)}
        </p>
      )}
      {report === null ? (
        <Empty>
          {text.intro} {text.stays}
          <br />
          <code>{text.command}</code>
        </Empty>
      ) : (
        <ReportView report={report} text={text} />
      )}
    </div>
  );
}

const FIGURES = [
  'cycles',
  'containers',
  'removed',
  'kills',
  'started',
  'throttles',
  'faults',
  'crashes',
] as const;

interface ReportProps {
  readonly report: Report;
  readonly text: SimulationWords;
}

function ReportView({ report, text }: ReportProps) {
  const broken = report.invariants.filter(({ violations }) => violations.length > 0);
  return (
    <>
      <section class={`verdict ${broken.length === 0 ? 'good' : 'bad'}`}>
        <h2>{broken.length === 0 ? text.held : text.broken(broken.length)}</h2>
        <p class="quiet">
          {report.scenario} · {text.run(digits(report.days, 2), report.seed)}
        </p>
      </section>
      <dl class="figures-row">
        {FIGURES.map((name) => (
          <div key={name} class="card">
            <dt>{text.figures[name]}</dt>
            <dd class="figure">{digits(report[name], 0)}</dd>
          </div>
        ))}
      </dl>
      <h2>{text.invariants}</h2>
      <DataTable
        label={text.invariants}
        rows={report.invariants}
        keyOf={({ name }) => name}
        columns={[
          {
            id: 'verdict',
            title: text.verdict,
            value: ({ violations }) => violations.length,
            cell: ({ violations }) => (
              <span class={violations.length === 0 ? 'good' : 'bad'}>
                {violations.length === 0
                  ? `✓ ${text.ok}`
                  : `✗ ${text.violated(digits(violations.length, 0))}`}
              </span>
            ),
          },
          {
            id: 'name',
            title: text.invariant,
            value: ({ name }) => name,
            cell: ({ name, about, violations }) => (
              <>
                <b>{name}</b> <span class="quiet">{pack().invariants[name] ?? about}</span>
                {violations.slice(0, 3).map((one, i) => (
                  <pre key={i}>{typeof one === 'string' ? one : JSON.stringify(one)}</pre>
                ))}
              </>
            ),
            class: 'reason',
          },
          {
            id: 'checks',
            title: text.checks,
            isNumber: true,
            value: ({ checks }) => checks,
            cell: ({ checks }) => digits(checks, 0),
          },
        ]}
      />
      <h2>{text.times}</h2>
      <div class="overview">
        <Times title={text.restored} times={report.restoredAfterMs} />
        <Times title={text.reaction} times={report.reactionMs} />
      </div>
      <h2>{text.own}</h2>
      <div class="overview">
        <Growth title={text.rss} values={report.rssKb} format={kib} />
        <Growth title={text.database} values={report.databaseBytes} format={bytes} />
      </div>
    </>
  );
}

function Times({ title, times }: { readonly title: string; readonly times: Report['restoredAfterMs'] }) {
  const known = Object.entries(times ?? {}).filter(([, value]) => value !== null && times?.['n'] !== 0);
  return (
    <article class="card">
      <h3>{title}</h3>
      {known.length === 0 ? (
        <p class="quiet">{pack().simulation?.never}</p>
      ) : (
        <dl class="facts">
          {known.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{/count|times|n$/i.test(name) ? digits(value ?? 0, 0) : milliseconds(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </article>
  );
}

interface GrowthProps {
  readonly title: string;
  readonly values: readonly number[];
  readonly format: (value: number) => string;
}

function Growth({ title, values, format }: GrowthProps) {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return (
    <article class="card meter">
      <h3>{title}</h3>
      <p class="figure">{format(values.at(-1) ?? 0)}</p>
      <Sparkline values={values} top={most} />
      <p class="quiet">{values.map((value) => format(value)).join(' · ')}</p>
    </article>
  );
}
