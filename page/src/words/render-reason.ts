import type { Reason } from '../../../daemon/src/model/reason.ts';
import { renderReason } from '../../../daemon/src/words/render.ts';
import { pack } from './index.ts';

/** The sentence of a recorded reason in the chosen language. A figure and its unit stay on one line. */
export function reason(recorded: { readonly code: string }): string {
  const text = renderReason(recorded as Reason, pack().catalogue);
  return text.replace(/(\d) (%|s|MiB|GiB|ms)(?=[\s;,.:)]|$)/g, '$1\u00a0$2');
}
