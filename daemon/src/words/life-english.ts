import type { Sentences } from './catalogue.ts';

/** What became of a container: parts of sentences whose subject is the container. */
export const LIFE_ENGLISH = {
  'container-started': () => 'it was started',
  'signal-sent': ({ signal }) =>
    `the engine was told to send it ${signal === null ? 'a signal' : `signal ${signal}`}`,
  'stopped-through-engine': () => 'the engine was told to stop it',
  'health-turned': ({ health }) => `its health check turned ${health}`,
  'ended-by-owner': ({ exit }) => `its owner stopped it${exit === null ? '' : ` (exit code ${exit})`}`,
  'ended-by-us': ({ kind, tick }) => `Vigía ended it (${kind}, cycle ${tick})`,
  'ended-by-itself-well': () => 'it ended by itself, with exit code 0',
  crashed: ({ exit }) => `it crashed${exit === null ? '' : ` with exit code ${exit}`}`,
  'died-of-signal': ({ signal }) =>
    `signal ${signal} ended it, which neither Vigía nor a command of the engine sent`,
  'oom-own-limit': ({ limitMib, died }) =>
    `${killer(died)} at its own limit${limitMib === null ? '' : ` of ${limitMib} MiB`}`,
  'oom-host': ({ availableMib, held, died }) =>
    `the host ran out of memory${availableMib === null ? '' : ` (${availableMib} MiB available)`}, and ${killer(died)}${
      held.length === 0
        ? ''
        : `; most was held by ${held.map(({ name, mib }) => `${name} (${mib} MiB)`).join(', ')}`
    }`,
  'oom-unclear': ({ limitMib, died }) =>
    `${killer(died)}; whether at its own limit${limitMib === null ? '' : ` of ${limitMib} MiB`} or for the host is not known`,
} satisfies Partial<Sentences>;

const killer = (died: boolean): string =>
  died ? "the kernel's OOM killer killed it" : "the kernel's OOM killer killed a process of it";
