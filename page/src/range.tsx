import { effect, signal } from '@preact/signals';
import { time } from './format-values.ts';
import { cycleCount } from './live-updates.ts';
import { clockCorrections, now, serverNowMs } from './page-clock.ts';
import { path, query, setQuery } from './router.tsx';
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
  /** null for a fixed range, and for a view's own. */
  readonly preset: Preset | null;
  /** It is the view's own, since the address names none. */
  readonly isOwn: boolean;
  /** Changes when panels over this range should be refreshed. */
  readonly refreshKey: string;
}

/** What a view shows when the address names no range; epoch milliseconds, `to` is null for now. */
export interface OwnRange {
  readonly from: number;
  readonly to: number | null;
}

/** Views that share one range. The page of a container opens on its life instead. */
const SHARING = /^\/(panels\/|decisions$)/;

/** The range that was chosen last, as a query: links to other views carry it. */
const kept = signal('');
effect(() => {
  if (SHARING.test(path.value)) kept.value = rangeQuery(query.value);
});

function rangeQuery(from: URLSearchParams): string {
  const names = from.has('from') ? ['from', 'to'] : ['last'];
  return new URLSearchParams(
    names.flatMap((name) => (from.has(name) ? [[name, from.get(name) ?? '']] : [])),
  ).toString();
}

/** The address of a view with the range that was chosen last, if the view has one. */
export const withRange = (href: string): string =>
  kept.value === '' || !SHARING.test(href) ? href : `${href}?${kept.value}`;

let current: Range = { from: 0, to: 0, preset: null, isOwn: false, refreshKey: '' };

/** The fixed range in the address; null without one. */
export function fixedRange(): { readonly from: number; readonly to: number } | null {
  const [from, to] = [Number(query.value.get('from')), Number(query.value.get('to'))];
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) && from > 0 && to > from
    ? { from, to }
    : null;
}

/** The preset in the address; null without one. */
export function chosenPreset(): Preset | null {
  const last = query.value.get('last') ?? '';
  return last in LAST ? (last as Preset) : null;
}

export const presetMs = (preset: Preset): number => LAST[preset] * 1000;

/** The range in the address. A preset moves on with new cycles, but no faster than its charts can show. */
export function useRange(own?: OwnRange): Range {
  const fixed = fixedRange();
  if (fixed !== null) return { ...fixed, preset: null, isOwn: false, refreshKey: 'fixed' };
  const chosen = chosenPreset();
  const isOwn = own !== undefined && chosen === null;
  const preset = isOwn ? null : (chosen ?? '1h');
  const from = isOwn ? own.from : null;
  if (isOwn && own.to !== null)
    return { from: own.from, to: own.to, preset, isOwn, refreshKey: `own ${own.from} ${own.to}` };
  const seconds = preset === null ? (serverNowMs() - (from ?? 0)) / 1000 : LAST[preset];
  const step = seconds / POINTS;
  const due = step <= 20 ? cycleCount.value : Math.floor(now.value / step);
  const refreshKey = `${preset ?? from} ${due} ${clockCorrections.value}`;
  // Cached, so that all panels request the same range.
  if (current.refreshKey !== refreshKey || current.preset !== preset) {
    const end = Math.floor(serverNowMs() / 1000) * 1000;
    current = { from: from ?? end - seconds * 1000, to: end, preset, isOwn, refreshKey };
  }
  return current;
}

export function zoomTo(from: number, to: number): void {
  const middle = (from + to) / 2;
  const half = Math.max(to - from, SHORTEST_MS) / 2;
  setQuery({ from: String(Math.round(middle - half)), to: String(Math.round(middle + half)), last: null });
}

export const zoomBack = (): void => setQuery({ from: null, to: null });

interface PickerProps {
  readonly range: Range;
  /** Name of the view's own range. */
  readonly own?: string;
}

/** Buttons for the presets, and for moving and zooming with the keyboard; dates for any other range. */
export function RangePicker({ range, own }: PickerProps) {
  const { range: text } = words();
  const { from, to, preset, isOwn } = range;
  const width = to - from;
  /** From the beginning of the record: there is nothing to move or zoom by. */
  const isEndless = from === 0;
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
        {own !== undefined && (
          <button
            type="button"
            aria-pressed={isOwn}
            onClick={() => setQuery({ last: null, from: null, to: null })}
          >
            {own}
          </button>
        )}
        {(Object.keys(LAST) as Preset[]).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={preset === one}
            onClick={() => setQuery({ last: one, from: null, to: null })}
          >
            {text.last[one]}
          </button>
        ))}
      </span>
      {!isEndless && (
        <span class="choices">
          {steps.map(([sign, name, step]) => (
            <button key={name} type="button" aria-label={name} title={name} onClick={step}>
              <span aria-hidden="true">{sign}</span>
            </button>
          ))}
        </span>
      )}
      <Dates from={isEndless ? to - presetMs('24h') : from} to={to} isFixed={preset === null && !isOwn} />
    </fieldset>
  );
}

interface DatesProps {
  readonly from: number;
  readonly to: number;
  readonly isFixed: boolean;
}

/** Any range by its dates, in this browser's time zone. */
function Dates({ from, to, isFixed }: DatesProps) {
  const { range: text } = words();
  return (
    <details class="dates">
      <summary>{isFixed ? text.custom(time(from / 1000), time(to / 1000)) : text.dates}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const [begin, end] = [...form.querySelectorAll('input')];
          if (begin === undefined || end === undefined) return;
          const [after, before] = [Date.parse(begin.value), Date.parse(end.value)];
          if (!(before > after)) {
            end.setCustomValidity(text.wrongOrder);
            end.reportValidity();
            return;
          }
          setQuery({ from: String(after), to: String(before), last: null });
          form.closest('details')?.removeAttribute('open');
        }}
      >
        {(
          [
            [text.from, from],
            [text.to, to],
          ] as const
        ).map(([label, value]) => (
          <label key={label} class="field">
            <span>{label}</span>
            <input
              type="datetime-local"
              step="1"
              required
              defaultValue={localTime(value)}
              onInput={({ currentTarget: { form } }) => {
                for (const input of form?.querySelectorAll('input') ?? []) input.setCustomValidity('');
              }}
            />
          </label>
        ))}
        <button type="submit">{text.apply}</button>
      </form>
    </details>
  );
}

/** As `datetime-local` inputs have it. */
function localTime(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
