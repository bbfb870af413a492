import { type Message, SEVERITIES } from '../model/notification.ts';
import type { Reason } from '../model/reason.ts';
import { CATALOGUES, type Language, render } from '../words/language.ts';
import { notifyWords } from '../words/notify-words.ts';
import { writerFor } from '../words/render.ts';
import type { Happening, Weighed } from './events-of.ts';
import { explainHint, undoHint } from './undo-hint.ts';

/** More of one message are counted. */
const MOST_TOLD = 20;
const LONGEST_TITLE = 150;
/** Characters of one line: an error that an engine returned may be long. */
const LONGEST_LINE = 600;

/** The message that tells these happenings, of host `host`. */
export function messageOf(happenings: readonly Happening[], host: string, language: Language): Message {
  const say = notifyWords(language);
  // The most severe is in the title.
  const sorted = happenings.toSorted((a, b) => rank(b) - rank(a));
  const told = sorted.slice(0, MOST_TOLD).map((one) => paragraphOf(one, language));
  const [first] = sorted;
  const headline = say.titled(sorted.length, told[0]?.[0] ?? '');
  const more = sorted.length > MOST_TOLD ? [say.more(sorted.length - MOST_TOLD)] : [];
  return {
    title: oneLine(`Vigía ${host}: ${headline}`).slice(0, LONGEST_TITLE),
    body: [...told.map((lines) => lines.map(oneLine).join('\n')), ...more].join('\n\n'),
    severity: first?.severity ?? 'info',
    at: first?.at ?? 0,
    events: sorted
      .slice(0, MOST_TOLD)
      .map(({ events, severity, at, kind, about }) => ({ events, severity, at, kind, ...about })),
  };
}

const rank = ({ severity }: Happening): number => SEVERITIES.indexOf(severity);

/** Headline, then why, what else was weighed, and what can be done. */
function paragraphOf({ about }: Happening, language: Language): string[] {
  const say = notifyWords(language);
  switch (about.what) {
    case 'action':
      return actionLines(about.action, language);
    case 'notice': {
      const name = containerOf(about.reason);
      return [render(about.reason, language), ...(name === null ? [] : [explainHint(name, language)])];
    }
    case 'death':
      return [`${about.name}: ${render(about.because, language)}`, explainHint(about.name, language)];
    case 'blind':
      return [
        say.blind(about.faults.map(({ sensor }) => sensor).join(', ')),
        ...about.faults.map(({ sensor, message }) => `${sensor}: ${render(message, language)}`),
      ];
    case 'floor': {
      const { level, running, keep } = about.floor;
      return [say.floor(running, keep, CATALOGUES[language].levels[level])];
    }
    case 'stopped':
      return [say.stopped((about.seconds / 60).toFixed(1))];
    case 'back':
      return [say.back];
    case 'over':
      return [say.over[about.condition]];
  }
}

/** The container that a notice names. */
function containerOf(reason: Reason): string | null {
  if ('culprit' in reason) return containerOf(reason.culprit);
  if ('kind' in reason && reason.kind !== 'container') return null;
  return 'name' in reason && reason.code !== 'manage-matches-protected' ? String(reason.name) : null;
}

type Action = Extract<Happening['about'], { what: 'action' }>['action'];

function actionLines(action: Action, language: Language): string[] {
  const { verbs, results } = CATALOGUES[language];
  const { kind, name, because, result, detail, weighed } = action;
  return [
    `${name}: ${verbs[kind] ?? kind}, ${results[result] ?? result}`,
    render(because, language),
    `→ ${render(detail, language)}`,
    ...(weighed === null ? [] : [weighedLine(weighed, language)]),
    ...undoHint(action, language),
  ];
}

function weighedLine({ rank, chosen, candidates, share, next }: Weighed, language: Language): string {
  const say = notifyWords(language);
  const percent = (part: number | null): string =>
    part === null ? '' : ` (${writerFor(CATALOGUES[language]).percent(part * 100)})`;
  const own = say.weighed(rank, chosen, candidates, percent(share));
  if (next === null) return `${own} ${say.noOther}`;
  const why = next.excluded === null ? '' : ` (${render(next.excluded, language)})`;
  return `${own} ${say.next(next.name, percent(next.share))}${why}`;
}

/** Names and quoted texts may hold line breaks and marks of writing direction: a message must not be forged with them. */
const oneLine = (text: string): string => text.slice(0, LONGEST_LINE).replace(MARKS, ' ');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
const MARKS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;
