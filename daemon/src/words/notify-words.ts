import type { Language } from './language.ts';

interface NotifyWords {
  stopped(minutes: string): string;
  readonly back: string;
  blind(sensors: string): string;
  readonly over: Readonly<Record<'blind' | 'floor' | 'breaker', string>>;
  floor(running: number, keep: number, level: string): string;
  titled(count: number, first: string): string;
  more(count: number): string;
  weighed(rank: number, chosen: number, next: string | null): string;
  /** After the outcome: how to see more, and what can be done about it. */
  readonly explain: string;
  readonly protect: string;
  readonly test: string;
}

const english: NotifyWords = {
  stopped: (minutes) =>
    `no cycle recorded for ${minutes} min: the daemon has stopped or hangs (systemctl status vigia)`,
  back: 'the daemon records cycles again',
  blind: (sensors) => `a sensor sees nothing, so nothing is done: ${sensors}`,
  over: {
    blind: 'the sensors see again',
    floor: 'the quotas are met again',
    breaker: 'no container is set aside any more',
  },
  floor: (running, keep, level) => `${running} ${level} containers run, ${keep} should`,
  titled: (count, first) => (count === 1 ? first : `${first} (+${count - 1})`),
  more: (count) => `… and ${count} more: vigia events`,
  weighed: (rank, chosen, next) =>
    `number ${rank} of ${chosen} chosen${next === null ? '; no other was weighed' : `; next was ${next}`}`,
  explain: 'more: ',
  protect: 'to keep Vigía off it: ',
  test: 'A test message: this channel works.',
};

const spanish: NotifyWords = {
  stopped: (minutes) =>
    `ningún ciclo registrado desde hace ${minutes} min: el daemon se detuvo o no responde (systemctl status vigia)`,
  back: 'el daemon vuelve a registrar ciclos',
  blind: (sensors) => `un sensor no ve nada, así que no se actúa: ${sensors}`,
  over: {
    blind: 'los sensores ven de nuevo',
    floor: 'las cuotas se cumplen de nuevo',
    breaker: 'ya no hay contenedores apartados',
  },
  floor: (running, keep, level) =>
    `${running} contenedores de consumo ${level} en ejecución; deben ser ${keep}`,
  titled: (count, first) => (count === 1 ? first : `${first} (+${count - 1})`),
  more: (count) => `… y ${count} más: vigia events`,
  weighed: (rank, chosen, next) =>
    `número ${rank} de ${chosen} elegidos${next === null ? '; no se consideró otro' : `; el siguiente era ${next}`}`,
  explain: 'más: ',
  protect: 'para que Vigía no lo toque: ',
  test: 'Un mensaje de prueba: este canal funciona.',
};

/** What messages say beside reasons. */
export const notifyWords = (language: Language): NotifyWords => (language === 'es' ? spanish : english);
