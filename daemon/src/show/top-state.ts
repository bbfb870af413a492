export const SORTS = ['class', 'cpu', 'memory', 'name', 'age'] as const;
export type Sort = (typeof SORTS)[number];

/** How it is looked at; changed by keys. */
export interface TopState {
  readonly sort: Sort;
  readonly reversed: boolean;
  readonly filter: string;
  /** The filter is being typed. */
  readonly isTyping: boolean;
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
