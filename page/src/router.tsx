import { computed, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

/** The address: the path names the view, the query holds its choices, so that links lead to exactly what is shown. */
const address = signal(readAddress());
export const path = computed(() => address.value.pathname);
export const query = computed(() => new URLSearchParams(address.value.search));

addEventListener('popstate', () => {
  address.value = readAddress();
});

function readAddress(): { pathname: string; search: string } {
  return { pathname: location.pathname, search: location.search };
}

export function goTo(href: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  const before = address.peek().pathname;
  address.value = readAddress();
  if (before === location.pathname) return;
  scrollTo(0, 0);
  // Tells screen readers that the view has changed.
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}

/** Sets choices of this view in the query of the address; null or '' removes one. */
export function setQuery(choices: Readonly<Record<string, string | null>>, { replace = false } = {}): void {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(choices)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  const search = next.toString();
  goTo(location.pathname + (search === '' ? '' : `?${search}`), { replace });
}

interface LinkProps {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly title?: string;
  readonly current?: boolean;
}

/** A link to another view, which a plain click opens without loading the page again. */
export function Link({ href, children, current = false, ...rest }: LinkProps) {
  return (
    <a
      href={href}
      {...rest}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        goTo(href);
      }}
    >
      {children}
    </a>
  );
}

export const containerPath = (id: string): string => `/containers/${id}`;
