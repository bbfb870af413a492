import './style/index.css';
import { render } from 'preact';
import { ask, prime } from './api-client.ts';
import { App } from './app.tsx';

const place = document.getElementById('app');
if (place !== null) void start(place);

/** Takes the place of the server's first look, which is painted first and stays until all of it can be shown. */
async function start(root: HTMLElement): Promise<void> {
  let focused: string | null | undefined = null;
  if (root.firstElementChild !== null) {
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    await ask('/api/status', {}).then(
      (answer) => prime('/api/status', answer),
      () => {},
    );
    focused = document.activeElement?.getAttribute('href');
    root.replaceChildren();
  }
  render(<App />, root);
  // Whoever pressed Tab meanwhile stays where that led.
  if (focused != null) root.querySelector<HTMLElement>(`a[href=${CSS.escape(focused)}]`)?.focus();
}
