import type { Sort, TopState } from '../show/top-state.ts';

/** A key as Node's readline names it. */
export interface Key {
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  /** The typed text. */
  readonly text: string;
}

const SORT_KEYS: Readonly<Record<string, Sort>> = { s: 'class', c: 'cpu', m: 'memory', n: 'name', a: 'age' };
const STEPS: Readonly<Record<string, number>> = {
  up: -1,
  down: 1,
  k: -1,
  j: 1,
  pageup: -10,
  pagedown: 10,
  home: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
};
const LONGEST_FILTER = 64;

/** The state after a key; null to quit. */
export function pressKey(state: TopState, key: Key): TopState | null {
  if (key.ctrl && (key.name === 'c' || key.name === 'd')) return null;
  if (state.isTyping) return typeKey(state, key);
  if (state.isHelp) return { ...state, isHelp: false };
  const step = STEPS[key.name ?? ''];
  if (state.explained !== null) return { ...state, explained: readOn(state.explained, key, step) };
  // Readline reports a lone Escape with `meta`, as if another key followed.
  if (key.name === 'escape') return { ...state, filter: '', cursor: 0 };
  if (key.ctrl || key.meta) return state;
  if (isEnter(key)) return { ...state, explained: 0 };
  if (step !== undefined) return { ...state, cursor: Math.max(0, state.cursor + step) };
  const sort = SORT_KEYS[key.text];
  if (sort !== undefined)
    return { ...state, sort, reversed: sort === state.sort && !state.reversed, cursor: 0 };
  if (key.text === 'q') return null;
  if (key.text === 'r') return { ...state, reversed: !state.reversed };
  if (key.text === '?' || key.text === 'h') return { ...state, isHelp: true };
  if (key.text === '/') return { ...state, isTyping: true };
  return state;
}

const isEnter = ({ name }: Key): boolean => name === 'return' || name === 'enter';

/** The explanation's scroll after a key; null when the key closes it. */
function readOn(scroll: number, key: Key, step: number | undefined): number | null {
  if (step !== undefined) return Math.max(0, scroll + step);
  return isEnter(key) || key.name === 'escape' || key.text === 'q' ? null : scroll;
}

function typeKey(state: TopState, key: Key): TopState {
  if (isEnter(key)) return { ...state, isTyping: false };
  if (key.name === 'escape') return { ...state, isTyping: false, filter: '', cursor: 0 };
  if (key.name === 'backspace') return { ...state, filter: [...state.filter].slice(0, -1).join('') };
  if (key.ctrl && key.name === 'u') return { ...state, filter: '' };
  const typed = key.ctrl || key.meta || /[\p{Cc}\p{Cn}\p{Co}\p{Cs}]/u.test(key.text) ? '' : key.text;
  return { ...state, filter: (state.filter + typed).slice(0, LONGEST_FILTER), cursor: 0 };
}
