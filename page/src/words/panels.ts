import type { PanelInfo } from '../../../daemon/src/show/api.ts';
import { pack } from './index.ts';

/** Columns whose cells are Vigía's own words, not names from outside. */
const TRANSLATED = new Set(['Clase', 'Tipo', 'Resultado', 'Qué', 'Estado', 'Acción']);
/** Columns whose cells are reasons, which the server renders in the language asked for. */
export const REASONS = new Set(['Razón', 'Detalle', 'Por qué esa clase']);

export const titleOf = ({ id, title }: Pick<PanelInfo, 'id' | 'title'>): string => pack().titles[id] ?? title;

/** Descriptions are Spanish only. */
export const aboutOf = ({ description }: Pick<PanelInfo, 'description'>): string =>
  pack().language === 'es' ? description : '';

export const labelOf = (label: string): string => pack().labels[label] ?? label;

export const wordOf = (column: string, cell: string): string =>
  TRANSLATED.has(column) ? labelOf(cell) : cell;
