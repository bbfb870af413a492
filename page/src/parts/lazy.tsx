import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { RequestError } from '../api-client.ts';
import { ErrorNotice, Loading } from './states.tsx';

/** A component whose code is loaded when it is first shown, or earlier with `preload`. */
export interface LazyComponent<Props extends object> {
  (props: Props): preact.VNode;
  preload(): Promise<void>;
}

export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): LazyComponent<Props> {
  let loaded: ComponentType<Props> | null = null;
  async function preload(): Promise<void> {
    loaded ??= await load();
  }
  function Lazy(props: Props) {
    const [Part, show] = useState(() => loaded);
    const [error, fail] = useState<RequestError | null>(null);
    useEffect(() => {
      if (Part !== null) return;
      preload().then(
        () => show(() => loaded),
        (reason: unknown) => fail(new RequestError(0, String(reason))),
      );
    }, []);
    if (error !== null) return <ErrorNotice error={error} />;
    return Part === null ? <Loading /> : <Part {...props} />;
  }
  return Object.assign(Lazy, { preload });
}
