import type { Value as Known } from '../record/queries.ts';

type Value = Known | undefined;

/** Formats KiB: 1.2 GiB, 64 MiB, 880 KiB. */
export function kib(value: Value): string {
  if (value === null || value === undefined) return '–';
  const kb = Number(value);
  if (kb >= 1024 * 1024) return `${(kb / 1024 / 1024).toFixed(1)} GiB`;
  if (kb >= 1024) return `${(kb / 1024).toFixed(kb >= 10240 ? 0 : 1)} MiB`;
  return `${kb} KiB`;
}

/** Formats a percentage. Figures below 1 keep three decimals, since they decide the class. */
export function percent(value: Value): string {
  if (value === null || value === undefined) return '–';
  const figure = Number(value);
  const digits = figure !== 0 && Math.abs(figure) < 1 ? 3 : 1;
  return `${figure.toFixed(digits)} %`;
}

/** Local time of day, with the date when it is not today's. */
export function time(epochSeconds: Value, now = new Date()): string {
  if (epochSeconds === null || epochSeconds === undefined) return '–';
  const when = new Date(Number(epochSeconds) * 1000);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const clock = `${pad(when.getHours())}:${pad(when.getMinutes())}:${pad(when.getSeconds())}`;
  const isToday = when.toDateString() === now.toDateString();
  return isToday
    ? clock
    : `${when.getFullYear()}-${pad(when.getMonth() + 1)}-${pad(when.getDate())} ${clock}`;
}

export function ago(seconds: number): string {
  if (seconds < 120) return `hace ${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 7200) return `hace ${Math.round(seconds / 60)} min`;
  return `hace ${Math.round(seconds / 3600)} h`;
}

export const shortId = (id: Value): string => String(id ?? '').slice(0, 12);
