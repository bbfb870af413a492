import type { Value as Known } from '../record/queries.ts';
import { CATALOGUES, type Language } from '../words/language.ts';

type Value = Known | undefined;

/** Figures as one language writes them; `–` for what is not known. */
export interface Formats {
  /** With so many decimals; without `decimals` as many as it has. */
  number(value: Value, decimals?: number): string;
  /** KiB as 1.2 GiB, 64 MiB or 880 KiB. */
  kib(value: Value): string;
  /** Figures below 1 keep three decimals, since they decide the class. */
  percent(value: Value): string;
}

function formatsIn(language: Language): Formats {
  const { decimalPoint } = CATALOGUES[language];
  const number = (value: Value, decimals?: number): string =>
    value === null || value === undefined
      ? '–'
      : (decimals === undefined ? String(value) : Number(value).toFixed(decimals)).replace('.', decimalPoint);
  return {
    number,
    kib(value) {
      if (value === null || value === undefined) return number(value);
      const kb = Number(value);
      if (kb >= 1024 * 1024) return `${number(kb / 1024 / 1024, 1)} GiB`;
      return kb >= 1024 ? `${number(kb / 1024, kb >= 10_240 ? 0 : 1)} MiB` : `${number(kb)} KiB`;
    },
    percent(value) {
      if (value === null || value === undefined) return number(value);
      const figure = Number(value);
      return `${number(figure, figure !== 0 && Math.abs(figure) < 1 ? 3 : 1)} %`;
    },
  };
}

const FORMATS: Readonly<Record<Language, Formats>> = { en: formatsIn('en'), es: formatsIn('es') };

export const formatsOf = (language: Language): Formats => FORMATS[language];

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

/** How long ago, in Spanish, for the page. */
export function ago(seconds: number): string {
  if (seconds < 120) return `hace ${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 7200) return `hace ${Math.round(seconds / 60)} min`;
  return `hace ${Math.round(seconds / 3600)} h`;
}

export const shortId = (id: Value): string => String(id ?? '').slice(0, 12);
