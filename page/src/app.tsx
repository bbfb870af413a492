import type { ComponentType } from 'preact';
import { connection } from './live-updates.ts';
import { lazy } from './parts/lazy.tsx';
import { Empty, ErrorBoundary } from './parts/states.tsx';
import { Link, path } from './router.tsx';
import { type Language, language, type Theme, theme } from './settings.ts';
import { Overview } from './views/overview.tsx';
import { words } from './words/index.ts';
import { titleOf } from './words/panels.ts';

const Panels = lazy(async () => (await import('./views/more.ts')).PanelsView);
const Container = lazy(async () => (await import('./views/more.ts')).ContainerView);
const Processes = lazy(async () => (await import('./views/more.ts')).ProcessesView);
const Decisions = lazy(async () => (await import('./views/more.ts')).DecisionsView);
const Simulation = lazy(async () => (await import('./views/more.ts')).SimulationView);

/** Each path and its view. The group in parentheses is the view's `id`. */
const VIEWS: readonly (readonly [RegExp, ComponentType<{ id: string }> | ComponentType])[] = [
  [/^\/$/, Overview],
  [/^\/panels\/([a-z-]+)$/, Panels],
  [/^\/containers\/([0-9a-f]+)$/, Container],
  [/^\/processes$/, Processes],
  [/^\/decisions$/, Decisions],
  [/^\/simulation$/, Simulation],
];

export function App() {
  const text = words();
  const links: readonly [href: string, name: string][] = [
    ['/', text.nav.overview],
    ['/panels/contenedores', titleOf({ id: 'contenedores', title: 'Contenedores' })],
    ['/panels/procesos-del-sistema', titleOf({ id: 'procesos-del-sistema', title: 'Procesos del sistema' })],
    ['/processes', text.nav.processes],
    ['/decisions', text.nav.decisions],
    ['/simulation', text.nav.simulation],
  ];
  const current = links.find(([href]) => href === path.value)?.[1];
  document.title = current === undefined ? 'Vigía' : `${current} · Vigía`;
  return (
    <>
      <a class="skip" href="#main">
        {text.skip}
      </a>
      <header class="bar">
        <Link href="/" class="brand">
          <img src="/icon.svg" alt="" width="26" height="26" /> Vigía
        </Link>
        <nav aria-label={text.nav.label}>
          {links.map(([href, name]) => (
            <Link key={href} href={href} current={href === path.value}>
              {name}
            </Link>
          ))}
        </nav>
        <div class="settings">
          <Connection />
          <ChoiceGroup
            label={text.theme.label}
            setting={theme}
            choices={{ auto: '◐', light: '☀', dark: '☾' }}
            names={text.theme}
          />
          <ChoiceGroup
            label={text.languageLabel}
            setting={language}
            choices={{ es: 'ES', en: 'EN' }}
            names={{ es: 'ES, español', en: 'EN, English' }}
          />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <View />
      </main>
    </>
  );
}

function View() {
  for (const [pattern, Part] of VIEWS) {
    const found = pattern.exec(path.value);
    if (found === null) continue;
    const Shown = Part as ComponentType<{ id: string }>;
    return (
      <ErrorBoundary key={path.value}>
        <Shown id={found[1] ?? ''} />
      </ErrorBoundary>
    );
  }
  return <Empty>{words().errors.noSuchPage}</Empty>;
}

function Connection() {
  return (
    <span class={`connection ${connection.value}`} role="status">
      <i aria-hidden="true" />
      {words().connection[connection.value]}
    </span>
  );
}

interface ChoiceProps<T extends Theme | Language> {
  readonly label: string;
  readonly setting: { value: T };
  readonly choices: Readonly<Record<T, string>>;
  readonly names: Readonly<Record<T, string>>;
}

function ChoiceGroup<T extends Theme | Language>({ label, setting, choices, names }: ChoiceProps<T>) {
  return (
    <fieldset class="choices">
      <legend class="unseen">{label}</legend>
      {(Object.keys(choices) as T[]).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={setting.value === one}
          aria-label={names[one]}
          title={names[one]}
          onClick={() => {
            setting.value = one;
          }}
        >
          <span aria-hidden="true">{choices[one]}</span>
        </button>
      ))}
    </fieldset>
  );
}
