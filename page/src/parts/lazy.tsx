import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { RequestError } from '../api-client.ts';
import { ErrorNotice, Loading } from './states.tsx';

/** A component whose code is loaded when it is first shown. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Lazy(props: Props) {
    const [Part, show] = useState(() => loaded);
    const [error, fail] = useState<RequestError | null>(null);
    useEffect(() => {
      if (Part !== null) return;
      load().then(
        (part) => {
          loaded = part;
          show(() => part);
        },
        (reason: unknown) => fail(new RequestError(0, String(reason))),
      );
    }, []);
    if (error !== null) return <ErrorNotice error={error} />;
    return Part === null ? <Loading /> : <Part {...props} />;
  };
}
