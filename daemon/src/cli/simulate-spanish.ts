import type { Invariant } from '../simulate/checks/invariants.ts';
import { INVARIANTS_SPANISH } from '../words/invariants-spanish.ts';

/** One description for each invariant: one that is missing does not compile. */
export const invariantsInSpanish: Readonly<Record<Invariant, string>> = INVARIANTS_SPANISH;

/** The descriptions of the scenarios that come with Vigía, by name. A test compares the names with the files. */
export const SCENARIOS_SPANISH: Readonly<Record<string, string>> = {
  floors:
    'mínimos con imágenes equivocadas: una nunca consume lo que pide su clase y otra termina enseguida; no llega casi nada más',
  hogs: 'contenedores que ocupan la memoria hasta agotarla, deprisa o intercambiando páginas, entre la carga de la tarea',
  lab: 'registrado en la máquina de laboratorio: trece minutos de contenedores del cron tal como los vieron los módulos del kernel',
  patterns:
    'contenedores con mal comportamiento, uno de cada tipo: fuga de memoria, bucle de CPU, tormenta de procesos, tormenta de E/S y reinicios continuos, entre una carga tranquila',
  runaways:
    'un equipo de servicios donde alguien ocupa la memoria o los procesos: una fuga, un servicio desbocado, una tormenta de procesos, y un contenedor, un proceso y un tmpfs que no son de Vigía',
  services:
    'un equipo de servicios que se portan bien, con sus picos, arranques, cachés y copias de seguridad, y dueños que los detienen, reinician, renuevan y escalan',
  spinners:
    'contenedores que ocupan un núcleo, siempre o la mitad del tiempo, y que las cuotas necesitan; a veces el cron trae otros',
  workload:
    'la carga de la tarea: diez contenedores al azar por minuto, algunos que terminan solos o ignoran SIGTERM, junto a tres que no se deben tocar',
};
