import type { Check, FindingCode, FindingParameters, FindingState } from '../model/finding.ts';
import type { Writer } from './catalogue.ts';

/** What is found, and what to do about it, where something can be done. */
export type Advice = string | readonly [says: string, remedy: string];

/**
 * The words of `vigia doctor` in one language. The page does not show them, so they are no part of its catalogue. A code
 * without words does not compile.
 */
export interface DoctorWords {
  readonly states: Readonly<Record<FindingState, string>>;
  readonly checks: Readonly<Record<Check, string>>;
  readonly findings: {
    readonly [C in FindingCode]: (parameters: FindingParameters[C], say: Writer) => Advice;
  };
  summary(problems: number, notes: number, fine: number): string;
  /** Above what `vigia up` shows. */
  readonly atStart: string;
}
