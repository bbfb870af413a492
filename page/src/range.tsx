import { time } from './format-values.ts';
import { cycleCount } from './live-updates.ts';
import { now, serverNowMs } from './page-clock.ts';
import { query, setQuery } from './router.tsx';
import { words } from './words/index.ts';

/** Preset ranges that end now, by their length in seconds. */
const LAST = {
  '15m': 900,
  '1h': 3600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
} as const;
type Preset = keyof typeof LAST;
const SHORTEST_MS = 60_000;
/** Points of a chart: a range is not refreshed more often than one point is wide. */
const POINTS = 600;

export interface Range {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** null for a fixed range. */
  readonly preset: Preset | null;
  /** Changes when panels over this range should be refreshed. */
  readonly refreshKey: string;
}

let current: Range = { from: 0, to: 0, preset: null, refreshKey: '' };

/** The range in the address. A preset moves on with new cycles, but no faster than its charts can show. */
export function useRange(): Range {
  const [from, to] = [Number(query.value.get('from')), Number(query.value.get('to'))];
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from > 0 && to > from)
    return { from, to, preset: null, refreshKey: 'fixed' };
  const last = query.value.get('last') ?? '';
  const preset: Preset = last in LAST ? (last as Preset) : '1h';
  const seconds = LAST[preset];
  const step = seconds / POINTS;
  const due = step <= 20 ? cycleCount.value : Math.floor(now.value / step);
  const refreshKey = `${preset} ${due}`;
  // Cached, so that all panels request the same range.
  if (current.refreshKey !== refreshKey || current.preset !== preset) {
    const end = Math.floor(serverNowMs() / 1000) * 1000;
    current = { from: end - seconds * 1000, to: end, preset, refreshKey };
  }
  return current;
}

export function zoomTo(from: number, to: number): void {
  const middle = (from + to) / 2;
  const half = Math.max(to - from, SHORTEST_MS) / 2;
  setQuery({ from: String(Math.round(middle - half)), to: String(Math.round(middle + half)), last: null });
}

export const zoomBack = (): void => setQuery({ from: null, to: null });

/** Buttons for the presets, and for moving and zooming with the keyboard. */
export function RangePicker({ range }: { readonly range: Range }) {
  const { range: text } = words();
  const { from, to, preset } = range;
  const width = to - from;
  const steps: readonly [string, string, () => void][] = [
    ['‹', text.earlier, () => zoomTo(from - width / 2, to - width / 2)],
    ['+', text.closer, () => zoomTo(from + width / 4, to - width / 4)],
    ['−', text.wider, () => zoomTo(from - width / 2, to + width / 2)],
    ['›', text.later, () => zoomTo(from + width / 2, to + width / 2)],
  ];
  return (
    <fieldset class="range">
      <legend class="unseen">{text.label}</legend>
      <span class="choices">
        {(Object.keys(LAST) as Preset[]).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={preset === one}
            onClick={() => setQuery({ last: one === '1h' ? null : one, from: null, to: null })}
          >
            {text.last[one]}
          </button>
        ))}
      </span>
      <span class="choices">
        {steps.map(([sign, name, step]) => (
          <button key={name} type="button" aria-label={name} title={name} onClick={step}>
            <span aria-hidden="true">{sign}</span>
          </button>
        ))}
      </span>
      {preset === null && <output class="quiet">{text.custom(time(from / 1000), time(to / 1000))}</output>}
    </fieldset>
  );
}
