import type { ContainerId } from './units.ts';

/** What the journal keeps apart from the text: one MESSAGE_ID for each kind (docs/manual-tecnico.md). */
export const MESSAGE_IDS = {
  /** An action on a container, and its outcome. */
  action: 'd92d337efcac472cb9b276c42b34587c',
  /** A sensor or the engine did not answer as it should. */
  fault: 'e85fe83eeba343cdb5fce1d592048213',
  /** What an owner should know, and no action says. */
  notice: '2df5f04dce304251aa8664fc52ca5066',
  /** A container ended, or lost a process, unexpectedly. */
  death: 'd00cc3e7a38b4262824cbcd5f15a01b0',
} as const;

export interface JournalEntry {
  readonly kind: keyof typeof MESSAGE_IDS;
  /** As syslog(3): 4 is a warning, 5 a notice, 6 information. */
  readonly priority: 4 | 5 | 6;
  readonly message: string;
  /** The code of its reason. */
  readonly code: string;
  /** The cycle that decided it. */
  readonly tick: number | null;
  /** `id`: null while it is not known, as of a container that could not be started. */
  readonly container: { readonly id: ContainerId | null; readonly name: string } | null;
}
