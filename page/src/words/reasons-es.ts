/**
 * The daemon records its reasons in English, with figures. Here they are turned into Spanish phrase by phrase; what is
 * not known (an error of Docker's, a newer phrase) stays as it is.
 */
const SPANISH: readonly (readonly [RegExp, string])[] = [
  [/(\d+) low where (\d+) stay/g, '$1 de bajo consumo donde quedan $2'],
  [/(\d+) high where (\d+) stay/g, '$1 de alto consumo donde quedan $2'],
  [/(\d+) low where (\d+) always run/g, '$1 de bajo consumo donde siempre hay $2'],
  [/(\d+) high where (\d+) always run/g, '$1 de alto consumo donde siempre hay $2'],
  [/within the (\d+) low that always stay/g, 'es de los $1 de bajo consumo que siempre quedan'],
  [/within the (\d+) high that always stay/g, 'es de los $1 de alto consumo que siempre quedan'],
  [/memory runs out: ([\d.]+) % available < ([\d.]+) %/g, 'se agota la memoria: $1 % disponible < $2 %'],
  [
    /memory stalls every task: PSI full ([\d.]+) % > ([\d.]+) % for (\d+) s/g,
    'la memoria detiene a todas las tareas: PSI full $1 % > $2 % durante $3 s',
  ],
  [/it holds ([\d.]+) % of RAM/g, 'ocupa $1 % de la RAM'],
  [/none of ours holds enough to help/g, 'ninguno de los nuestros ocupa tanto que ayude'],
  [/nobody else would help/g, 'ningún otro ayudaría'],
  [/next would be (\S+)/g, 'el siguiente sería $1'],
  [
    /a bystander: the greediest holds ([\d.]+) % of RAM, it ([\d.]+) %/g,
    'no es el culpable: el mayor ocupa $1 % de la RAM, este $2 %',
  ],
  [
    /too small to help: ([\d.]+) % of RAM < ([\d.]+) %/g,
    'ocupa muy poco para que ayude: $1 % de la RAM < $2 %',
  ],
  [/it has ended \((\w+)\)/g, 'ha terminado ($1)'],
  [/it was made five minutes ago and never started/g, 'se creó hace cinco minutos y nunca arrancó'],
  [
    /CPU ([\d.]+) % > ([\d.]+) % for (\d+) s; it is left ([\d.]+) %/g,
    'CPU $1 % > $2 % durante $3 s; se le deja $4 %',
  ],
  [
    /CPU ([\d.]+) % of the ([\d.]+) % that it is left, for (\d+) s/g,
    'CPU $1 % de los $2 % que se le dejan, durante $3 s',
  ],
  [/: still above ([\d.]+) % of the limits/g, ': todavía por encima del $1 % de los límites'],
  [/% and memory /g, '% y memoria '],
  [/\bmemory ([\d.]+) %/g, 'memoria $1 %'],
  [/not classified yet/g, 'aún sin clasificar'],
  [/first reading: a rate needs two/g, 'primera lectura: una tasa necesita dos'],
  [/no sensor sees a process of it yet/g, 'ningún sensor ve aún un proceso suyo'],
  [/nothing to do: the quotas stand/g, 'nada que hacer: las cuotas se cumplen'],
  [
    /circuit breaker open: every removal failed in (\d+) cycles; none is tried for now/g,
    'cortacircuitos abierto: fallaron todas las eliminaciones de $1 ciclos; de momento no se intenta ninguna',
  ],
  [/mode observe: nothing is planned/g, 'modo observe: no se planea nada'],
  [/the reading is older than the question/g, 'la lectura es anterior a la pregunta'],
  [/(\S+) was removed in cycle (\d+) and is still there/g, '$1 se eliminó en el ciclo $2 y sigue ahí'],
  [
    /its two sources disagree: (\d+ MiB) by the sensor, (\d+ MiB) by its cgroup/g,
    'sus dos fuentes discrepan: $1 según el sensor, $2 según su cgroup',
  ],
  [/^gone from the engine and its cgroup$/g, 'comprobado: ya no existe'],
  [/^(\S+) runs$/g, '$1 en marcha'],
  [/^left alone: memory runs out$/g, 'se dejó para después: se agota la memoria'],
  [/^already gone$/g, 'ya no estaba'],
  [/^it has ended or restarted meanwhile$/g, 'entretanto terminó o reinició'],
  [/^it has a CPU limit already$/g, 'ya tiene un límite de CPU propio'],
  [/^its CPU is its own again$/g, 'recupera su CPU'],
  [/^limited to ([\d.]+) % of a core$/g, 'limitado a $1 % de un núcleo'],
  [/^mode (\S+)$/g, 'modo $1'],
];

/** The same in Spanish, with Spanish figures. */
export function inSpanish(recorded: string): string {
  const said = SPANISH.reduce((text, [phrase, spanish]) => text.replace(phrase, spanish), recorded);
  return said.replace(/(\d)\.(\d+ (?:%|MiB|s)(?=[\s;,:)]|$))/g, '$1,$2');
}
