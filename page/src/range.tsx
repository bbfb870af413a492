import { time } from './format-values.ts';
import { beat } from './live-updates.ts';
import { now, serverNowMs } from './page-clock.ts';
import { choose, query } from './router.tsx';
import { words } from './words/index.ts';

/** Presets, in seconds. */
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
const POINTS = 600;

export interface Range {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** null for a range that stands still. */
  readonly preset: Preset | null;
  /** Changes when a panel over this range has something new to show. */
  readonly rhythm: string;
}

let held: Range = { from: 0, to: 0, preset: null, rhythm: '' };

/** The range in the address. One that ends now moves on with the daemon, but not faster than its picture could show. */
export function useRange(): Range {
  const [from, to] = [Number(query.value.get('from')), Number(query.value.get('to'))];
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from > 0 && to > from)
    return { from, to, preset: null, rhythm: 'still' };
  const asked = query.value.get('last') ?? '';
  const preset: Preset = asked in LAST ? (asked as Preset) : '1h';
  const seconds = LAST[preset];
  const step = seconds / POINTS;
  const due = step <= 20 ? beat.value : Math.floor(now.value / step);
  const rhythm = `${preset} ${due}`;
  // The same for every panel of one moment: each asks for the same range.
  if (held.rhythm !== rhythm || held.preset !== preset) {
    const end = Math.floor(serverNowMs() / 1000) * 1000;
    held = { from: end - seconds * 1000, to: end, preset, rhythm };
  }
  return held;
}

export function zoomTo(from: number, to: number): void {
  const middle = (from + to) / 2;
  const half = Math.max(to - from, SHORTEST_MS) / 2;
  choose({ from: String(Math.round(middle - half)), to: String(Math.round(middle + half)), last: null });
}

export const zoomBack = (): void => choose({ from: null, to: null });

/** Presets, and steps for those who zoom without a mouse. */
export function RangePicker({ range }: { readonly range: Range }) {
  const { range: say } = words();
  const { from, to, preset } = range;
  const width = to - from;
  const steps: readonly [string, string, () => void][] = [
    ['‹', say.earlier, () => zoomTo(from - width / 2, to - width / 2)],
    ['+', say.closer, () => zoomTo(from + width / 4, to - width / 4)],
    ['−', say.wider, () => zoomTo(from - width / 2, to + width / 2)],
    ['›', say.later, () => zoomTo(from + width / 2, to + width / 2)],
  ];
  return (
    <fieldset class="range">
      <legend class="unseen">{say.label}</legend>
      <span class="choices">
        {(Object.keys(LAST) as Preset[]).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={preset === one}
            onClick={() => choose({ last: one === '1h' ? null : one, from: null, to: null })}
          >
            {say.last[one]}
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
      {preset === null && <output class="quiet">{say.custom(time(from / 1000), time(to / 1000))}</output>}
    </fieldset>
  );
}
