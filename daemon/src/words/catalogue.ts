import type { Kind, Remedy } from '../model/container-policy.ts';
import type { Level } from '../model/level.ts';
import type { Reason, ReasonCode, ReasonParameters } from '../model/reason.ts';

/** Formats the parts of a sentence: numbers, and the reasons inside it. */
export interface Writer {
  /** A number with this many decimals and the language's decimal point. */
  number(value: number, decimals: number): string;
  /** `38.2 %`; small figures keep three decimals, since they decide the class. */
  percent(value: number): string;
  /** A configured percentage, with the digits it was configured with: `0.09 %`, `25 %`. */
  limit(value: number): string;
  /** A time that is left, as precise as it is worth: `36 min`, `7.5 h`, `12 d`. */
  remaining(hours: number): string;
  render(reason: Reason): string;
}

/** One sentence for each code; a code without one does not compile. */
export type Sentences = {
  readonly [C in ReasonCode]: (parameters: Readonly<ReasonParameters[C]>, writer: Writer) => string;
};

/** A kind of container as it is shown. `managed`: recorded by an earlier version, which knew no more. */
export type ShownKind = Kind | 'managed';

/** The words of one language for everything that is stored as a code. */
export interface Catalogue<S extends Partial<Sentences> = Sentences> {
  readonly decimalPoint: '.' | ',';
  readonly sentences: S;
  readonly levels: Readonly<Record<Level | 'unknown', string>>;
  readonly kinds: Readonly<Record<ShownKind, string>>;
  /** What the owner of a service may allow: infinitives. */
  readonly remedies: Readonly<Record<Remedy, string>>;
  /** Infinitive of each kind of action, for tables: `remove`. */
  readonly verbs: Readonly<Record<string, string>>;
  /** Past tense of each kind of action: `removed`. */
  readonly actions: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, string>>;
  /** A few words for all actions of one kind, class and result: `removed 6 of 8 high`. Kept for years, so short. */
  readonly summary: (group: ActionGroup, say: Pick<Writer, 'render'>) => string;
}

/** Actions of one cycle that have kind, class and result in common, with the reason of the first. */
export interface ActionGroup {
  readonly count: number;
  readonly kind: string;
  readonly level: Level | null;
  readonly result: string;
  readonly because: Reason;
}
