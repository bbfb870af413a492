import { language } from '../settings.ts';
import { en } from './en.ts';
import { es, type Words } from './es.ts';

/** The words of the language chosen; whoever reads them is drawn again when it changes. */
export const words = (): Words => (language.value === 'en' ? en : es);
