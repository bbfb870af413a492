import type { Message } from '../model/notification.ts';
import { SEVERITIES } from '../model/notification.ts';
import { CATALOGUES, type Language, render } from '../words/language.ts';
import { notifyWords } from '../words/notify-words.ts';
import type { Happening } from './events-of.ts';
import { undoHint } from './undo-hint.ts';

/** More of one message are counted. */
const MOST_TOLD = 20;
const LONGEST_TITLE = 150;

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
      .map(({ event, severity, at, kind, about }) => ({ event, severity, at, kind, ...about })),
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
      const named = 'name' in about.reason ? [undoHint(String(about.reason.name), language)] : [];
      return [render(about.reason, language), ...named];
    }
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

type Action = Extract<Happening['about'], { what: 'action' }>['action'];

function actionLines({ kind, name, because, result, detail, weighed }: Action, language: Language): string[] {
  const { verbs, results } = CATALOGUES[language];
  const say = notifyWords(language);
  return [
    `${name}: ${verbs[kind] ?? kind}, ${results[result] ?? result}`,
    render(because, language),
    `→ ${render(detail, language)}`,
    ...(weighed === null ? [] : [say.weighed(weighed.rank, weighed.chosen, weighed.next)]),
    // What was started has the image's name only, and a removed container is gone.
    ...(kind === 'start' || kind === 'remove' ? [] : [undoHint(name, language)]),
  ];
}

/** Names and quoted texts may hold line breaks and marks of writing direction: a message must not be forged with them. */
const oneLine = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, ' ');
