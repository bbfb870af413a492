/**
 * The daemon records its reasons in English, with figures. Here they are turned into Spanish phrase by phrase; what is
 * not known (an error of Docker's, a newer phrase) stays as it is.
 */
const SPANISH: readonly (readonly [RegExp, string])[] = [
  [/(\d+) low where (\d+) stay/g, '$1 de bajo consumo donde quedan $2'],
  [/(\d+) high where (\d+) stay/g, '$1 de alto consumo donde quedan $2'],
  [/(\d+) low where (\d+) always run/g, '$1 de bajo consumo donde siempre hay $2'],
  [/(\d+) high where (\d+) always run/g, '$1 de alto consumo donde siempre hay $2'],
  [/its class is not trimmed/g, 'en su clase nadie sobra'],
  [/within the (\d+) low that always stay/g, 'es de los $1 de bajo consumo que siempre quedan'],
  [/within the (\d+) high that always stay/g, 'es de los $1 de alto consumo que siempre quedan'],
  [
    /fork storm: (\d+) processes ≥ (\d+), (\d+) a minute ago/g,
    'tormenta de procesos: $1 ≥ $2, y $3 hace un minuto',
  ],
  [
    /it flaps: restarted (\d+) times in (\d+) min, where (\d+) are too many/g,
    'se reinicia sin parar: $1 veces en $2 min, y $3 ya son demasiadas',
  ],
  [
    /memory rose steadily from (\d+ MiB) to (\d+ MiB) in (\d+) min; RAM is full in (\d+) min/g,
    'la memoria subió sin parar de $1 a $2 en $3 min; llena la RAM en $4 min',
  ],
  [
    /I\/O storm: (\d+) MiB\/s > ([\d.]+) MiB\/s while every task waits for I\/O (\d+) % of the time > ([\d.]+) %/g,
    'tormenta de E/S: $1 MiB/s > $2 MiB/s mientras todo espera los discos el $3 % del tiempo > $4 %',
  ],
  [
    /% of RAM > ([\d.]+) %(.*?), with ([\d.]+) % available < ([\d.]+) %/g,
    '% de la RAM > $1 %$2, con $3 % disponible < $4 %',
  ],
  [/, which is usual for its image/g, ', lo habitual en su imagen'],
  [/; a new run begins anew/g, '; empieza de nuevo'],
  [
    /restarted less than (\d+) min ago in vain: it is replaced/g,
    'reiniciado en vano hace menos de $1 min: se reemplaza',
  ],
  [/^runs anew \(pid (\d+) → (\d+)\)$/g, 'en marcha de nuevo (pid $1 → $2)'],
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
  [
    /memory is not short: (\S+) stalls at its own limit/g,
    'la memoria no escasea: $1 se detiene en su propio límite',
  ],
  [/it has ended \((\w+)\)/g, 'ha terminado ($1)'],
  [/it was made five minutes ago and never started/g, 'se creó hace cinco minutos y nunca arrancó'],
  [/ for (\d+) s; it is left ([\d.]+) %/g, ' durante $1 s; se le deja $2 %'],
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
  [/^would leave (\d+) low where (\d+) must stay$/g, 'quedarían $1 de bajo consumo y deben quedar $2'],
  [/^would leave (\d+) high where (\d+) must stay$/g, 'quedarían $1 de alto consumo y deben quedar $2'],
  [/^ended by itself$/g, 'terminó por sí mismo'],
  [/^no longer managed$/g, 'ya no está a nuestro cargo'],
  [/^restarted meanwhile \(pid (\d+) → (\d+)\)$/g, 'entretanto reinició (pid $1 → $2)'],
  [/^(it is protected now|protected meanwhile): /g, 'ahora está protegido: '],
  [/\blabel (vigia\.\w+)$/g, 'etiqueta $1'],
  [/\bprotected name (\S+)$/g, 'nombre protegido $1'],
  [/\bprotected image (\S+)$/g, 'imagen protegida $1'],
  [/^Vigía ended before it was done$/g, 'Vigía terminó antes de hacerlo'],
  [/^gone: seen at the next start$/g, 'ya no existe: visto en el arranque siguiente'],
];

/** The same in Spanish, with Spanish figures. */
export function inSpanish(recorded: string): string {
  const said = SPANISH.reduce((text, [phrase, spanish]) => text.replace(phrase, spanish), recorded);
  return said.replace(/(\d)\.(\d+ (?:%|MiB|s)(?=[\s;,:)]|$))/g, '$1,$2');
}
