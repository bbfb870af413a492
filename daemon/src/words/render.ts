import type { Reason } from '../model/reason.ts';
import type { Catalogue, Sentences, Writer } from './catalogue.ts';

/** Deepest nesting of reasons that is rendered; the daemon writes less, so deeper data is invalid. */
const DEEPEST = 8;

/**
 * The sentence of a reason. A code that this version does not know, as from a newer one, is shown with its parameters;
 * never throws.
 */
export function renderReason(reason: Reason, catalogue: Catalogue<Partial<Sentences>>, depth = 0): string {
  if (depth > DEEPEST) return '…';
  const sentence = Object.hasOwn(catalogue.sentences, reason.code)
    ? (catalogue.sentences[reason.code] as Sentences['message'])
    : undefined;
  try {
    const text: unknown = sentence?.(reason as never, writerFor(catalogue, depth));
    if (typeof text === 'string') return text;
  } catch {
    // A parameter is missing or of another type: the data is shown as it is.
  }
  const { code, ...parameters } = reason;
  return Object.keys(parameters).length === 0 ? code : `${code} ${JSON.stringify(parameters)}`;
}

/** The formats of one language. `depth` is that of the sentence: reasons inside it are one deeper. */
export function writerFor(catalogue: Catalogue<Partial<Sentences>>, depth = 0): Writer {
  const local = (text: string): string => text.replace('.', catalogue.decimalPoint);
  const number = (value: number, decimals: number) => local(value.toFixed(decimals));
  return {
    number,
    percent: (value) => `${local(value.toFixed(value !== 0 && Math.abs(value) < 1 ? 3 : 1))} %`,
    limit: (value) => `${local(String(value))} %`,
    remaining: (hours) => {
      if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} min`;
      return hours < 48 ? `${number(hours, 1)} h` : `${Math.round(hours / 24)} d`;
    },
    render: (reason) => renderReason(reason, catalogue, depth + 1),
  };
}
