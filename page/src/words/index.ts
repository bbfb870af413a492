import { effect, signal } from '@preact/signals';
import type { Catalogue, Sentences } from '../../../daemon/src/words/catalogue.ts';
import { type Language, language } from '../settings.ts';
import type { Words } from './es.ts';
import type { SimulationWords } from './simulation-es.ts';

/** Everything that is said in one language. Each is a file of its own, so that a visitor loads only one. */
export interface Pack {
  readonly language: Language;
  readonly words: Words;
  /** The sentences of reasons, as everywhere in Vigía; at first without those that come later. */
  readonly catalogue: Catalogue<Partial<Sentences>>;
  /** Titles of panels by their id, and other labels, where they are not the panels' own. */
  readonly titles: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Descriptions of the simulation's invariants by name, where they are not the report's own. */
  readonly invariants: Readonly<Record<string, string>>;
  /** null until what comes later is here. */
  readonly simulation: SimulationWords | null;
  /** What is rarely shown, and loaded after the first view. */
  readonly later: () => Promise<{ readonly LATER: Later }>;
}

export interface Later {
  readonly simulation: SimulationWords;
  readonly sentences: Partial<Sentences>;
  readonly invariants: Readonly<Record<string, string>>;
}

const PACKS: Readonly<Record<Language, () => Promise<{ readonly pack: Pack }>>> = {
  es: () => import('./pack-es.ts'),
  en: () => import('./pack-en.ts'),
};

const loaded = signal<Pack | null>(null);

/** Resolves when the chosen language can be shown; to be awaited before anything is drawn. */
export const languageLoaded = new Promise<void>((resolve, reject) => {
  effect(() => {
    const chosen = language.value;
    PACKS[chosen]().then(({ pack }) => {
      // Another one may have been chosen in the meantime.
      if (language.peek() === chosen) {
        loaded.value = pack;
        document.documentElement.lang = chosen;
        pack.later().then(({ LATER }) => complete(pack, LATER), reject);
      }
      resolve();
    }, reject);
  });
});

function complete(pack: Pack, { sentences, invariants, simulation }: Later): void {
  if (loaded.peek() !== pack) return;
  const catalogue = { ...pack.catalogue, sentences: { ...pack.catalogue.sentences, ...sentences } };
  loaded.value = { ...pack, catalogue, invariants, simulation };
}

/** The chosen language, once loaded. Components that read it are drawn again when it changes. */
export function pack(): Pack {
  if (loaded.value === null) throw new Error('no language is loaded yet');
  return loaded.value;
}

export const words = (): Words => pack().words;
