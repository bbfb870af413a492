import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { bytes, digits, kib, milliseconds } from '../format-values.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Empty } from '../parts/states.tsx';
import { words } from '../words/index.ts';
import { type Report, readReport } from './simulation-report.ts';

/** Stays open while other views are looked at. */
const opened = signal<{ readonly name: string; readonly report: Report | null } | null>(null);

/** Shows the JSON of a simulation. It is read here: nothing is sent anywhere. */
export function SimulationView() {
  const { simulation: say } = words();
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
        <h1>{say.title}</h1>
        <label class="button">
          {report === null ? say.open : say.another}
          <input
            type="file"
            class="unseen"
            accept="application/json,.json"
            onChange={({ currentTarget }) => void open(currentTarget.files?.[0])}
          />
        </label>
        <span class="quiet">{say.drop}</span>
      </div>
      {opened.value !== null && report === null && (
        <p class="trouble" role="alert">
          {say.wrong(name)}
        </p>
      )}
      {report === null ? (
        <Empty>
          {say.intro} {say.stays}
          <br />
          <code>{say.command}</code>
        </Empty>
      ) : (
        <ReportView report={report} />
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

function ReportView({ report }: { readonly report: Report }) {
  const { simulation: say } = words();
  const broken = report.invariants.filter(({ violations }) => violations.length > 0);
  return (
    <>
      <section class={`verdict ${broken.length === 0 ? 'good' : 'bad'}`}>
        <h2>{broken.length === 0 ? say.held : say.broken(broken.length)}</h2>
        <p class="quiet">
          {report.scenario} · {say.run(digits(report.days, 2), report.seed)}
        </p>
      </section>
      <dl class="figures-row">
        {FIGURES.map((name) => (
          <div key={name} class="card">
            <dt>{say.figures[name]}</dt>
            <dd class="figure">{digits(report[name], 0)}</dd>
          </div>
        ))}
      </dl>
      <h2>{say.invariants}</h2>
      <DataTable
        label={say.invariants}
        rows={report.invariants}
        keyOf={({ name }) => name}
        columns={[
          {
            id: 'verdict',
            title: say.verdict,
            value: ({ violations }) => violations.length,
            cell: ({ violations }) => (
              <span class={violations.length === 0 ? 'good' : 'bad'}>
                {violations.length === 0 ? `✓ ${say.ok}` : `✗ ${say.violated(digits(violations.length, 0))}`}
              </span>
            ),
          },
          {
            id: 'name',
            title: say.invariant,
            value: ({ name }) => name,
            cell: ({ name, about, violations }) => (
              <>
                <b>{name}</b> <span class="quiet">{about}</span>
                {violations.slice(0, 3).map((one, i) => (
                  <pre key={i}>{typeof one === 'string' ? one : JSON.stringify(one)}</pre>
                ))}
              </>
            ),
            class: 'reason',
          },
          {
            id: 'checks',
            title: say.checks,
            isNumber: true,
            value: ({ checks }) => checks,
            cell: ({ checks }) => digits(checks, 0),
          },
        ]}
      />
      <h2>{say.times}</h2>
      <div class="overview">
        <Times title={say.restored} times={report.restoredAfterMs} />
        <Times title={say.reaction} times={report.reactionMs} />
      </div>
      <h2>{say.own}</h2>
      <div class="overview">
        <Growth title={say.rss} values={report.rssKb} say={kib} />
        <Growth title={say.database} values={report.databaseBytes} say={bytes} />
      </div>
    </>
  );
}

function Times({ title, times }: { readonly title: string; readonly times: Report['restoredAfterMs'] }) {
  const known = Object.entries(times ?? {}).filter(([, value]) => value !== null);
  return (
    <article class="card">
      <h3>{title}</h3>
      {known.length === 0 ? (
        <p class="quiet">{words().simulation.never}</p>
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
  readonly say: (value: number) => string;
}

function Growth({ title, values, say }: GrowthProps) {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return (
    <article class="card meter">
      <h3>{title}</h3>
      <p class="figure">{say(values.at(-1) ?? 0)}</p>
      <Sparkline values={values} top={most} />
      <p class="quiet">{values.map((value) => say(value)).join(' · ')}</p>
    </article>
  );
}
