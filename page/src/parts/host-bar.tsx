import { useEffect } from 'preact/hooks';
import { ago, duration } from '../format-values.ts';
import { dataAge, health, isStale, type Severity, severity } from '../host-health.ts';
import { connection } from '../live-updates.ts';
import { Link } from '../router.tsx';
import { words } from '../words/index.ts';
import { describeFinding, Sign } from './findings.tsx';

const ICONS: Readonly<Record<Severity, string>> = {
  good: '/icon.svg',
  warn: '/icon-warn.svg',
  bad: '/icon-bad.svg',
};

/** Which host this is, whether Vigía may act on it, and how old the data is. */
export function HostBar() {
  const { connection: text, modes, simulated } = words();
  const found = health.value;
  const age = dataAge.value;
  const isOpen = connection.value === 'open';
  return (
    <div class="host-bar">
      {found !== null && (
        <span class="host-name" title={found.host_name ?? simulated}>
          {found.host_name ?? simulated}
        </span>
      )}
      {found !== null && <span class={`mode ${found.mode}`}>{modes[found.mode] ?? found.mode}</span>}
      <span class={`connection ${connection.value} ${isOpen && isStale.value ? 'stale' : ''}`}>
        <i aria-hidden="true" />
        <span role="status">{isOpen && isStale.value ? text.stale : text[connection.value]}</span>
        {age !== null && <span class="age">{age < 0 ? duration(age) : ago(age)}</span>}
      </span>
    </div>
  );
}

/** Shows the severity in the title and the icon of the tab, which are seen when the page is not. */
export function useTab(view: string | undefined): void {
  const worst = severity.value;
  const host = health.value?.host_name;
  const sign = worst === 'bad' ? '✖ ' : worst === 'warn' ? '▲ ' : '';
  const title = `${sign}${[view, host, 'Vigía'].filter(Boolean).join(' · ')}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    document.querySelector('link[rel=icon]')?.setAttribute('href', ICONS[worst ?? 'good']);
  }, [worst]);
}

/** On views other than the overview: the most serious of what is wrong, and the way to the rest. */
export function FindingsStrip() {
  const { strip, health: text } = words();
  const worst = severity.value;
  const findings = health.value?.findings ?? [];
  if (worst === null || worst === 'good') return null;
  const [first] = findings;
  const what = first === undefined || connection.value === 'lost' ? text.unknown : describeFinding(first)[0];
  return (
    <aside class={`strip ${worst}`} aria-label={strip.label}>
      <Sign severity={worst} />
      <span>{what}.</span>
      <Link href="/">{findings.length > 1 ? strip.more(findings.length - 1) : strip.open}</Link>
    </aside>
  );
}
