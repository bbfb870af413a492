import type { ComponentType } from 'preact';
import { connection } from './live-updates.ts';
import { later } from './parts/later.tsx';
import { Empty, Fence } from './parts/states.tsx';
import { Link, path } from './router.tsx';
import { type Language, language, type Theme, theme } from './settings.ts';
import { Overview } from './views/overview.tsx';
import { words } from './words/index.ts';
import { titleOf } from './words/panels.ts';

const Panels = later(async () => (await import('./views/more.ts')).PanelsView);
const Container = later(async () => (await import('./views/more.ts')).ContainerView);
const Processes = later(async () => (await import('./views/more.ts')).ProcessesView);
const Decisions = later(async () => (await import('./views/more.ts')).DecisionsView);
const Simulation = later(async () => (await import('./views/simulation.tsx')).SimulationView);

/** Each path with the view that it leads to; the part in brackets is handed to it. */
const VIEWS: readonly (readonly [RegExp, ComponentType<{ id: string }> | ComponentType])[] = [
  [/^\/$/, Overview],
  [/^\/panels\/([a-z-]+)$/, Panels],
  [/^\/containers\/([0-9a-f]+)$/, Container],
  [/^\/processes$/, Processes],
  [/^\/decisions$/, Decisions],
  [/^\/simulation$/, Simulation],
];

export function App() {
  const say = words();
  const links: readonly [href: string, name: string][] = [
    ['/', say.nav.overview],
    ['/panels/contenedores', titleOf({ id: 'contenedores', title: 'Contenedores' })],
    ['/panels/procesos-del-sistema', titleOf({ id: 'procesos-del-sistema', title: 'Procesos del sistema' })],
    ['/processes', say.nav.processes],
    ['/decisions', say.nav.decisions],
    ['/simulation', say.nav.simulation],
  ];
  const here = links.find(([href]) => href === path.value)?.[1];
  document.title = here === undefined ? 'Vigía' : `${here} · Vigía`;
  return (
    <>
      <a class="skip" href="#main">
        {say.skip}
      </a>
      <header class="bar">
        <Link href="/" class="brand">
          <img src="/icon.svg" alt="" width="26" height="26" /> Vigía
        </Link>
        <nav aria-label={say.nav.label}>
          {links.map(([href, name]) => (
            <Link key={href} href={href} current={href === path.value}>
              {name}
            </Link>
          ))}
        </nav>
        <div class="settings">
          <Connection />
          <Pick
            label={say.theme.label}
            held={theme}
            choices={{ auto: '◐', light: '☀', dark: '☾' }}
            names={say.theme}
          />
          <Pick
            label={say.languageLabel}
            held={language}
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
      <Fence key={path.value}>
        <Shown id={found[1] ?? ''} />
      </Fence>
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

interface PickProps<T extends Theme | Language> {
  readonly label: string;
  readonly held: { value: T };
  readonly choices: Readonly<Record<T, string>>;
  readonly names: Readonly<Record<T, string>>;
}

function Pick<T extends Theme | Language>({ label, held, choices, names }: PickProps<T>) {
  return (
    <fieldset class="choices">
      <legend class="unseen">{label}</legend>
      {(Object.keys(choices) as T[]).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={held.value === one}
          aria-label={names[one]}
          title={names[one]}
          onClick={() => {
            held.value = one;
          }}
        >
          <span aria-hidden="true">{choices[one]}</span>
        </button>
      ))}
    </fieldset>
  );
}
