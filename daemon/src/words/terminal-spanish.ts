import type { TerminalWords } from './terminal.ts';

export const terminalSpanish: TerminalWords = {
  explain: {
    did: {
      start: 'lo inició',
      remove: 'lo eligió para eliminarlo',
      restart: 'lo reinició',
      throttle: 'limitó su CPU',
      release: 'levantó su límite de CPU',
    },
    action: (tick, time, did, because) => `El ciclo ${tick} (${time}) ${did}: ${because}.`,
    outcome: (result, detail, ms) => `Resultado: ${result}, ${detail} (${ms}).`,
    ownership: {
      protected: 'está protegido: Vigía nunca actúa sobre él',
      managed: 'está gestionado por Vigía',
      foreign: 'no está gestionado: Vigía solo lo observa',
    },
    introduction: ({ name, id, image, declared, ownership, first, last, removed }) =>
      `${name} (${id}), imagen ${image}${declared === null ? '' : `, iniciado como ${declared}`}, ${ownership}. Visto por primera vez ${first}, ${removed === null ? `por última vez ${last}` : `eliminado por Vigía ${removed}`}.`,
    lastClass: (level, because, cpu, rss) =>
      `Última clasificación: ${level}; ${because} (CPU ${cpu}, RSS ${rss}).`,
    shareOfHost: (share) => ` (${share} del equipo)`,
    rank: (rank, chosen, candidates, share) =>
      `Ocupó el puesto ${rank} de ${chosen} elegidos${share}; se consideraron ${candidates} candidatos.`,
    noOther: 'No había otro candidato.',
    nextSelected: (name, share) => `El siguiente era ${name}${share}, también elegido.`,
    nextExcluded: (name, share, because) => `El siguiente era ${name}${share}, no elegido: ${because}.`,
    neverTouched: 'Vigía nunca actuó sobre él.',
    notConsidered: 'Vigía no actuó sobre él; ningún ciclo reciente lo consideró.',
    notSelected: (tick, time, share, because) =>
      `Vigía no actuó sobre él. El ciclo ${tick} (${time}) lo consideró${share} y no lo eligió: ${because}.`,
    superseded: 'lo sustituyó un ciclo más reciente',
  },
};
