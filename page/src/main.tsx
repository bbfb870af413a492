import './style/index.css';
import { render } from 'preact';
import { prime, request } from './api-client.ts';
import { App, preloadView } from './app.tsx';
import { languageLoaded } from './words/index.ts';

const root = document.getElementById('app');
if (root !== null) void start(root);

/**
 * Replaces the overview that the server has put into the HTML. That one is painted first and stays until its data is
 * here.
 */
async function start(root: HTMLElement): Promise<void> {
  const ready = Promise.all([
    languageLoaded,
    // Without the view's code the view itself reports the failure.
    preloadView(location.pathname).catch(() => {}),
  ]);
  let focused: string | null | undefined = null;
  if (root.firstElementChild !== null) {
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    await request('/api/status', {}).then(
      (answer) => prime('/api/status', answer),
      () => {},
    );
    await ready;
    focused = document.activeElement?.getAttribute('href');
    root.replaceChildren();
  }
  await ready;
  render(<App />, root);
  // Restores the focus, in case the viewer has pressed Tab before.
  if (focused != null) root.querySelector<HTMLElement>(`a[href=${CSS.escape(focused)}]`)?.focus();
}
