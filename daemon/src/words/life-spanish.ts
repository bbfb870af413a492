import type { Sentences } from './catalogue.ts';

/** Qué fue de un contenedor: partes de oraciones cuyo sujeto es el contenedor. */
export const LIFE_SPANISH = {
  'container-started': () => 'se inició',
  'signal-sent': ({ signal }) =>
    `se pidió al motor que le enviara ${signal === null ? 'una señal' : `la señal ${signal}`}`,
  'stopped-through-engine': () => 'se pidió al motor que lo detuviera',
  'health-turned': ({ health }) =>
    `su prueba de salud pasó a ${health === 'healthy' ? 'sana' : health === 'unhealthy' ? 'fallida' : health}`,
  'ended-by-owner': ({ exit }) => `su dueño lo detuvo${exit === null ? '' : ` (código de salida ${exit})`}`,
  'ended-by-us': ({ kind, tick }) => `Vigía lo terminó (${kind}, ciclo ${tick})`,
  'ended-by-itself-well': () => 'terminó por sí mismo, con código de salida 0',
  crashed: ({ exit }) => `falló por sí mismo${exit === null ? '' : `, con código de salida ${exit}`}`,
  'died-of-signal': ({ signal }) =>
    `lo terminó la señal ${signal}, que no envió ni Vigía ni una orden del motor`,
  'oom-own-limit': ({ limitMib, died }) =>
    `${killer(died)} en su propio límite${limitMib === null ? '' : ` de ${limitMib} MiB`}`,
  'oom-host': ({ availableMib, held, died }) =>
    `al equipo se le acabó la memoria${availableMib === null ? '' : ` (${availableMib} MiB disponibles)`} y ${killer(died)}${
      held.length === 0
        ? ''
        : `; los que más tenían: ${held.map(({ name, mib }) => `${name} (${mib} MiB)`).join(', ')}`
    }`,
  'oom-unclear': ({ limitMib, died }) =>
    `${killer(died)}; no se sabe si en su propio límite${limitMib === null ? '' : ` de ${limitMib} MiB`} o por el equipo`,
} satisfies Partial<Sentences>;

const killer = (died: boolean): string =>
  died ? 'el OOM killer del kernel lo mató' : 'el OOM killer del kernel mató un proceso suyo';
