import './style/index.css';
import { render } from 'preact';
import { ask, prime } from './api-client.ts';
import { App } from './app.tsx';
import { languageLoaded } from './words/index.ts';

const place = document.getElementById('app');
if (place !== null) void start(place);

/** Replaces the server's first look, which is painted first and stays until the whole page can be shown. */
async function start(root: HTMLElement): Promise<void> {
  let focused: string | null | undefined = null;
  if (root.firstElementChild !== null) {
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    await ask('/api/status', {}).then(
      (answer) => prime('/api/status', answer),
      () => {},
    );
    await languageLoaded;
    focused = document.activeElement?.getAttribute('href');
    root.replaceChildren();
  }
  await languageLoaded;
  render(<App />, root);
  // A link that was focused meanwhile keeps the focus.
  if (focused != null) root.querySelector<HTMLElement>(`a[href=${CSS.escape(focused)}]`)?.focus();
}
