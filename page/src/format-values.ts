import type { PanelInfo } from '../../daemon/src/show/api.ts';
import { serverNowMs } from './page-clock.ts';
import { language } from './settings.ts';
import { words } from './words/index.ts';

type Figure = number | null | undefined;
const NOTHING = '–';

const formats = new Map<string, Intl.NumberFormat>();

/** A number with at most `most` decimals, in the chosen language. */
export function digits(value: number, most: number, least = 0): string {
  const key = `${language.value} ${most} ${least}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language.value, {
      maximumFractionDigits: most,
      minimumFractionDigits: least,
    });
    formats.set(key, format);
  }
  return format.format(value);
}

/** A size in binary units: 1.2 GiB, 64 MiB, 880 KiB. */
export function bytes(value: Figure): string {
  if (value === null || value === undefined) return NOTHING;
  let [figure, step] = [value, 0];
  while (Math.abs(figure) >= 1024 && step < 4) {
    figure /= 1024;
    step += 1;
  }
  return `${digits(figure, step === 0 || Math.abs(figure) >= 100 ? 0 : 1)}\u00a0${['B', 'KiB', 'MiB', 'GiB', 'TiB'][step]}`;
}

export const kib = (value: Figure): string =>
  value === null || value === undefined ? NOTHING : bytes(value * 1024);

/** A percentage. Values below 1 keep three decimals, because such small figures decide a container's class. */
export function percent(value: Figure, most?: number): string {
  if (value === null || value === undefined) return NOTHING;
  return `${digits(value, most ?? (value !== 0 && Math.abs(value) < 1 ? 3 : 1))}\u00a0%`;
}

/** A duration: 850 ms, 8 s, 12 min, 3 h, 4 d. */
export function duration(seconds: Figure): string {
  if (seconds === null || seconds === undefined) return NOTHING;
  const { units } = words();
  const size = Math.abs(seconds);
  if (size > 0 && size < 1) return `${digits(seconds * 1000, 0)}\u00a0ms`;
  if (size < 120) return `${digits(seconds, size < 10 ? 1 : 0)}\u00a0${units.seconds}`;
  if (size < 7200) return `${digits(seconds / 60, 0)}\u00a0${units.minutes}`;
  if (size < 172_800) return `${digits(seconds / 3600, 0)}\u00a0${units.hours}`;
  return `${digits(seconds / 86_400, 0)}\u00a0${units.days}`;
}

export const milliseconds = (value: Figure): string =>
  value === null || value === undefined ? NOTHING : duration(value / 1000);

export const ago = (seconds: number): string => words().ago(duration(Math.max(0, Math.round(seconds))));

/** Local time of day, with the date unless it is today. */
export function time(epochSeconds: Figure): string {
  if (epochSeconds === null || epochSeconds === undefined) return NOTHING;
  const [when, today] = [new Date(epochSeconds * 1000), new Date(serverNowMs())];
  const clock = when.toLocaleTimeString(language.value, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  if (when.toDateString() === today.toDateString()) return clock;
  return `${when.toLocaleDateString(language.value, { day: 'numeric', month: 'short', ...(when.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' }) })} ${clock}`;
}

export const count = (value: Figure): string =>
  value === null || value === undefined ? NOTHING : digits(value, 1);

export const shortId = (id: string): string => id.slice(0, 12);

/** A panel's value, formatted in its unit. */
export function inUnit(
  value: string | number | null | undefined,
  unit: PanelInfo['unit'],
  most?: number,
): string {
  if (value === null || value === undefined) return NOTHING;
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'kib':
      return kib(value);
    case 'bytes':
      return bytes(value);
    case 'bytesPerSecond':
      return `${bytes(value)}/s`;
    case 'percent':
      return percent(value, most);
    case 'seconds':
      return duration(value);
    case 'milliseconds':
      return milliseconds(value);
    case 'time':
      return time(value);
    case 'count':
      return digits(value, most ?? 1);
    case 'text':
      return String(value);
  }
}
