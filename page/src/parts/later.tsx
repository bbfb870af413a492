import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { AskError } from '../api.ts';
import { Loading, Trouble } from './states.tsx';

/** A part whose code is fetched when it is first shown. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let part: ComponentType<Props> | null = null;
  return function Later(props: Props) {
    const [error, fail] = useState<AskError | null>(null);
    const [, redraw] = useState(part !== null);
    useEffect(() => {
      if (part !== null) return;
      load().then(
        (loaded) => {
          part = loaded;
          redraw(true);
        },
        (reason: unknown) => fail(new AskError(0, String(reason))),
      );
    }, []);
    if (error !== null) return <Trouble error={error} />;
    if (part === null) return <Loading />;
    const Part = part;
    return <Part {...props} />;
  };
}
