import { language } from '../settings.ts';
import { inSpanish } from './reasons-es.ts';

/** A recorded reason or outcome in the language chosen. */
export function reason(recorded: string): string {
  const text = language.value === 'es' ? inSpanish(recorded) : recorded;
  // A figure and its unit stay on one line.
  return text.replace(/(\d) (%|s|MiB|GiB|ms)(?=[\s;,.:)]|$)/g, '$1\u00a0$2');
}
