export const SORTS = ['class', 'cpu', 'memory', 'name', 'age'] as const;
export type Sort = (typeof SORTS)[number];

/** What keys change of the view of `vigia top`. */
export interface TopState {
  readonly sort: Sort;
  readonly reversed: boolean;
  readonly filter: string;
  /** Keys go to the filter. */
  readonly isTyping: boolean;
  /** Lines of the table above the visible part. */
  readonly scroll: number;
  readonly isHelp: boolean;
}

export const FIRST_STATE: TopState = {
  sort: 'class',
  reversed: false,
  filter: '',
  isTyping: false,
  scroll: 0,
  isHelp: false,
};
