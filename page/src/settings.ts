import { effect, signal } from '@preact/signals';

export type Language = 'es' | 'en';
export type Theme = 'auto' | 'light' | 'dark';

/** What this browser remembers of its person. */
export const language = signal<Language>(remembered('language', ['es', 'en'], 'es'));
export const theme = signal<Theme>(remembered('theme', ['auto', 'light', 'dark'], 'auto'));

const systemDark = matchMedia('(prefers-color-scheme: dark)');
/** What is drawn on canvas has to be drawn again when this changes. */
export const isDark = signal(systemDark.matches);
systemDark.addEventListener('change', settle);

effect(() => {
  document.documentElement.lang = language.value;
  remember('language', language.value);
});
effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  remember('theme', theme.value);
  settle();
});

function settle(): void {
  isDark.value = theme.peek() === 'auto' ? systemDark.matches : theme.peek() === 'dark';
}

function remembered<T extends string>(key: string, known: readonly T[], otherwise: T): T {
  try {
    const found = localStorage.getItem(`vigia.${key}`);
    return known.find((one) => one === found) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`vigia.${key}`, value);
  } catch {
    // A browser that forbids storage forgets: no more than that.
  }
}
