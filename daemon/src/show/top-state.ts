export const SORTS = ['class', 'cpu', 'memory', 'name', 'age'] as const;
export type Sort = (typeof SORTS)[number];

/** What keys change of the view of `vigia top`. */
export interface TopState {
  readonly sort: Sort;
  readonly reversed: boolean;
  readonly filter: string;
  /** Keys go to the filter. */
  readonly isTyping: boolean;
  /** The line of the table that Enter explains, from 0. */
  readonly cursor: number;
  readonly isHelp: boolean;
  /** Lines above the visible part of the explanation; null while none is shown. */
  readonly explained: number | null;
}

export const FIRST_STATE: TopState = {
  sort: 'class',
  reversed: false,
  filter: '',
  isTyping: false,
  cursor: 0,
  isHelp: false,
  explained: null,
};

/** The state with its cursor on one of so many lines. */
export const withinTable = (state: TopState, lines: number): TopState => ({
  ...state,
  cursor: Math.max(0, Math.min(state.cursor, lines - 1)),
});
