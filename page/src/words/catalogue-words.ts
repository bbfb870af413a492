import type { ContainerRow } from '../../../daemon/src/show/api.ts';
import { pack } from './index.ts';

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `Removed`. */
export const actionDone = (kind: string): string => capital(pack().catalogue.actions[kind] ?? kind);
/** `Remove`. */
export const actionWord = (kind: string): string => capital(pack().catalogue.verbs[kind] ?? kind);
export const resultWord = (result: string): string => pack().catalogue.results[result] ?? result;
export const kindWord = (kind: ContainerRow['kind']): string => pack().catalogue.kinds[kind];
