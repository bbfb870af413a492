import type { PanelInfo } from '../../../daemon/src/show/api.ts';
import { language } from '../settings.ts';
import { LABELS, TITLES } from './panels-en.ts';

/** Columns whose cells are words of ours, not names of strangers. */
const OURS = new Set(['Clase', 'Gestión', 'Resultado', 'Qué', 'Estado', 'Acción']);
/** Columns whose cells are reasons that the daemon recorded. */
export const REASONS = new Set(['Razón', 'Detalle', 'Por qué esa clase']);

const isEnglish = (): boolean => language.value === 'en';

export const titleOf = ({ id, title }: Pick<PanelInfo, 'id' | 'title'>): string =>
  isEnglish() ? (TITLES[id] ?? title) : title;

/** Descriptions are Spanish only. */
export const aboutOf = ({ description }: Pick<PanelInfo, 'description'>): string =>
  isEnglish() ? '' : description;

export const labelOf = (label: string): string => (isEnglish() ? (LABELS[label] ?? label) : label);

export const wordOf = (column: string, cell: string): string => (OURS.has(column) ? labelOf(cell) : cell);
