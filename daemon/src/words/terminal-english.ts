import type { TerminalWords } from './terminal.ts';

export const terminalEnglish: TerminalWords = {
  explain: {
    did: {
      start: 'started it',
      remove: 'chose it for removal',
      restart: 'restarted it',
      throttle: 'limited its CPU',
      release: 'lifted its CPU limit',
    },
    action: (tick, time, did, because) => `Cycle ${tick} at ${time} ${did}: ${because}.`,
    outcome: (result, detail, ms) => `Outcome: ${result}, ${detail} (${ms}).`,
    ownership: {
      protected: 'protected: no action is ever taken on it',
      managed: 'managed by Vigía',
      foreign: 'not managed: it is observed and left alone',
    },
    introduction: ({ name, id, image, declared, ownership, first, last, removed }) =>
      `${name} (${id}), image ${image}${declared === null ? '' : `, started as ${declared}`}, is ${ownership}. First seen ${first}, ${removed === null ? `last seen ${last}` : `removed by Vigía ${removed}`}.`,
    lastClass: (level, because, cpu, rss) => `Last classified ${level}: ${because} (CPU ${cpu}, RSS ${rss}).`,
    shareOfHost: (share) => ` (${share} of the host)`,
    rank: (rank, chosen, candidates, share) =>
      `It ranked ${rank} of ${chosen} selected${share}; ${candidates} candidates were considered.`,
    noOther: 'There was no other candidate.',
    nextSelected: (name, share) => `Next was ${name}${share}, also selected.`,
    nextExcluded: (name, share, because) => `Next was ${name}${share}, not selected: ${because}.`,
    neverTouched: 'No action was ever taken on it.',
    notConsidered: 'No action was taken on it; no recent cycle considered it.',
    notSelected: (tick, time, share, because) =>
      `No action was taken on it. Cycle ${tick} at ${time} considered it${share} and did not select it: ${because}.`,
    superseded: 'superseded by a newer cycle',
  },
};
