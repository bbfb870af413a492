import type { Config } from '../model/config.ts';
import type { Diagnosis, FindingState } from '../model/finding.ts';
import type { FactName, Facts, Installers } from '../model/host-facts.ts';

export interface JudgeContext {
  readonly config: Config;
  readonly facts: Facts;
  readonly install: Installers;
  /** Facts that were not asked for. */
  readonly without?: readonly FactName[] | undefined;
}

/** A judgement without its check. */
export type Judged = { readonly state: FindingState } & Diagnosis;

export type Judge<T> = (fact: T, context: JudgeContext) => readonly Judged[];

const as =
  (state: FindingState) =>
  (diagnosis: Diagnosis): Judged =>
    ({ ...diagnosis, state }) as Judged;

export const [ok, note, problem] = [as('ok'), as('note'), as('problem')];
