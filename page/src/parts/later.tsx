import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { AskError } from '../api-client.ts';
import { Loading, Trouble } from './states.tsx';

/** A part whose code is fetched when it is first shown. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Later(props: Props) {
    const [Part, show] = useState(() => loaded);
    const [error, fail] = useState<AskError | null>(null);
    useEffect(() => {
      if (Part !== null) return;
      load().then(
        (part) => {
          loaded = part;
          show(() => part);
        },
        (reason: unknown) => fail(new AskError(0, String(reason))),
      );
    }, []);
    if (error !== null) return <Trouble error={error} />;
    return Part === null ? <Loading /> : <Part {...props} />;
  };
}
