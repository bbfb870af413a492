import { effect, signal } from '@preact/signals';

export type Language = 'es' | 'en';
export type Theme = 'auto' | 'light' | 'dark';

/** The viewer's choices, kept in this browser. */
export const language = signal<Language>(load('language', ['es', 'en'], preferred()));
export const theme = signal<Theme>(load('theme', ['auto', 'light', 'dark'], 'auto'));

/** The first of the browser's languages that the page has; Spanish when it has none of them. */
function preferred(): Language {
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'es' || tag === 'en');
  return known === 'en' ? 'en' : 'es';
}

const systemDark = matchMedia('(prefers-color-scheme: dark)');
/** Whether the page is dark now. Canvas drawings have to be repeated when this changes. */
export const isDark = signal(systemDark.matches);
systemDark.addEventListener('change', updateIsDark);

effect(() => {
  save('language', language.value);
});
effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  save('theme', theme.value);
  updateIsDark();
});

function updateIsDark(): void {
  isDark.value = theme.peek() === 'auto' ? systemDark.matches : theme.peek() === 'dark';
}

function load<T extends string>(key: string, known: readonly T[], fallback: T): T {
  try {
    const found = localStorage.getItem(`vigia.${key}`);
    return known.find((value) => value === found) ?? fallback;
  } catch {
    return fallback;
  }
}

function save(key: string, value: string): void {
  try {
    localStorage.setItem(`vigia.${key}`, value);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}
