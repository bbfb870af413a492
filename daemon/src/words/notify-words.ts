import type { Language } from './language.ts';

interface NotifyWords {
  stopped(minutes: string): string;
  readonly back: string;
  blind(sensors: string): string;
  readonly over: Readonly<Record<'blind' | 'floor' | 'breaker' | 'oom', string>>;
  floor(running: number, keep: number, level: string): string;
  titled(count: number, first: string): string;
  more(count: number): string;
  /** Shares come formatted, with a blank and brackets, or empty. */
  weighed(rank: number, chosen: number, candidates: number, share: string): string;
  readonly noOther: string;
  next(name: string, share: string): string;
  /** Before a command. */
  readonly explain: string;
  readonly undo: string;
  readonly noUndo: string;
  readonly test: string;
  /** The attempt before was cut off: it may have been delivered. */
  readonly perhapsAgain: string;
  readonly noChannel: string;
  readonly neverRun: string;
  status(running: boolean, cycle: number, time: string): string;
  readonly columns: Readonly<
    Record<'channel' | 'waiting' | 'sent' | 'givenUp' | 'lastSent' | 'nextTry' | 'lastError', string>
  >;
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
    oom: 'memory has recovered',
  },
  floor: (running, keep, level) => `${running} ${level} containers run, ${keep} should`,
  titled: (count, first) => (count === 1 ? first : `${first} (+${count - 1})`),
  more: (count) => `… and ${count} more: vigia events`,
  weighed: (rank, chosen, candidates, share) =>
    `number ${rank}${share} of ${chosen} selected; ${candidates} containers were considered.`,
  noOther: 'No other was a candidate.',
  next: (name, share) => `Next would be ${name}${share}.`,
  explain: 'more',
  undo: 'to undo it',
  noUndo: 'it cannot be undone; to keep Vigía from doing it again',
  test: 'A test message: this channel works.',
  perhapsAgain: '(The notifier ended while it sent this message; you may have received it before.)',
  noChannel: 'notify.channels in the configuration is empty: there is nothing to send',
  neverRun: 'the notifier has never run here: sudo systemctl start vigia-notify, or vigia notify run',
  status: (running, cycle, time) =>
    `${running ? 'running' : 'NOT RUNNING'}; has read up to cycle ${cycle}, of ${time}`,
  columns: {
    ...{ channel: 'channel', waiting: 'waiting', sent: 'sent', givenUp: 'given up', lastSent: 'last sent' },
    ...{ nextTry: 'next try', lastError: 'last error' },
  },
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
    oom: 'la memoria se recuperó',
  },
  floor: (running, keep, level) =>
    `${running} contenedores de consumo ${level} en ejecución; deben ser ${keep}`,
  titled: (count, first) => (count === 1 ? first : `${first} (+${count - 1})`),
  more: (count) => `… y ${count} más: vigia events`,
  weighed: (rank, chosen, candidates, share) =>
    `número ${rank}${share} de ${chosen} elegidos; se consideraron ${candidates} contenedores.`,
  noOther: 'No había otro candidato.',
  next: (name, share) => `El siguiente sería ${name}${share}.`,
  explain: 'más',
  undo: 'para deshacerlo',
  noUndo: 'no se puede deshacer; para que Vigía no lo repita',
  test: 'Un mensaje de prueba: este canal funciona.',
  perhapsAgain:
    '(El proceso de avisos terminó mientras enviaba este mensaje; es posible que ya lo haya recibido.)',
  noChannel: 'notify.channels está vacío en la configuración: no hay nada que enviar',
  neverRun: 'los avisos nunca se han ejecutado aquí: sudo systemctl start vigia-notify, o vigia notify run',
  status: (running, cycle, time) =>
    `${running ? 'en marcha' : 'DETENIDO'}; leyó hasta el ciclo ${cycle}, de ${time}`,
  columns: {
    ...{ channel: 'canal', waiting: 'en espera', sent: 'enviados', givenUp: 'abandonados' },
    ...{ lastSent: 'último envío', nextTry: 'próximo intento', lastError: 'último error' },
  },
};

/** What messages say beside reasons. */
export const notifyWords = (language: Language): NotifyWords => (language === 'es' ? spanish : english);
