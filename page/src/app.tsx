import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { HealthWatch } from './host-health.ts';
import { FindingsStrip, HostBar, useTab } from './parts/host-bar.tsx';
import { type LazyComponent, lazy } from './parts/lazy.tsx';
import { ErrorBoundary } from './parts/states.tsx';
import { withRange } from './range.tsx';
import { Link, path } from './router.tsx';
import { type Language, language, type Theme, theme } from './settings.ts';
import { words } from './words/index.ts';

const Overview = lazy(async () => (await import('./views/overview.tsx')).Overview);
const Panels = lazy(async () => (await import('./views/panels.tsx')).PanelsView);
const Containers = lazy(async () => (await import('./views/containers.tsx')).ContainersView);
const Container = lazy(async () => (await import('./views/container.tsx')).ContainerView);
const Processes = lazy(async () => (await import('./views/processes.tsx')).ProcessesView);
const Decisions = lazy(async () => (await import('./views/decisions.tsx')).DecisionsView);
const Simulation = lazy(async () => (await import('./views/simulation.tsx')).SimulationView);

/** Each path and its view. The group in parentheses is the view's `id`. */
const VIEWS: readonly (readonly [RegExp, LazyComponent<{ id: string }> | LazyComponent<object>])[] = [
  [/^\/$/, Overview],
  [/^\/panels\/([a-z-]+)$/, Panels],
  [/^\/containers$/, Containers],
  [/^\/containers\/([0-9a-f]+)$/, Container],
  [/^\/processes$/, Processes],
  [/^\/decisions$/, Decisions],
  [/^\/simulation$/, Simulation],
];

/** Loads the code of the view at a path, while the words are being loaded. */
export async function preloadView(pathname: string): Promise<void> {
  await VIEWS.find(([pattern]) => pattern.test(pathname))?.[1].preload();
}

export function App() {
  const text = words();
  /** Each view's address, name, and which addresses belong to it. */
  const links: readonly [href: string, name: string, group: RegExp][] = [
    ['/', text.nav.overview, /^\/$/],
    ['/containers', text.nav.containers, /^\/containers/],
    ['/panels/contenedores', text.nav.charts, /^\/panels\//],
    ['/processes', text.nav.processes, /^\/processes$/],
    ['/decisions', text.nav.decisions, /^\/decisions$/],
    ['/simulation', text.nav.simulation, /^\/simulation$/],
  ];
  const current = links.find(([, , group]) => group.test(path.value));
  useTab(current?.[1]);
  // On a phone the row of views is wider than the screen.
  useEffect(() => {
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current?.[0]]);
  return (
    <>
      <HealthWatch />
      <a class="skip" href="#main">
        {text.skip}
      </a>
      <header class="bar">
        <Link href="/" class="brand">
          <img src="/icon.svg" alt="" width="26" height="26" /> Vigía
        </Link>
        <nav aria-label={text.nav.label}>
          {links.map((link) => (
            <Link key={link[0]} href={withRange(link[0])} current={link === current}>
              {link[1]}
            </Link>
          ))}
        </nav>
        <HostBar />
        <div class="settings">
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
        {path.value !== '/' && <FindingsStrip />}
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
  return <NoSuchPage />;
}

function NoSuchPage() {
  const { errors, nav } = words();
  return (
    <div class="verdict none">
      <h1>{errors.noSuchPage}</h1>
      <p>
        <code>{path.value}</code>
      </p>
      <p>
        <Link href="/">{nav.overview}</Link>
      </p>
    </div>
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
