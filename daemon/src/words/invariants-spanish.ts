/** The descriptions of the simulation's invariants in Spanish, by name; the English ones are in its report. */
export const INVARIANTS_SPANISH = {
  'owner-data': 'nunca se elimina un contenedor que no sea desechable, ni se pierde un volumen suyo',
  innocent:
    'ningún contenedor que se porta bien se detiene, se reinicia ni se termina, salvo si es desechable',
  'stopped-stays': 'lo que su dueño detuvo sigue detenido, y sigue ahí',
  'own-timeout':
    'ningún servicio se termina a la fuerza antes de su propio plazo, salvo si causa una emergencia de memoria',
  protected: 'Vigía nunca actúa sobre un contenedor protegido',
  foreign: 'Vigía nunca actúa sobre un contenedor ajeno',
  floor: 'ninguna acción de Vigía deja una clase por debajo de su mínimo',
  'three-and-two': 'un ciclo que clasificó todos los desechables termina exactamente con las cuotas',
  'greedy-first': 'al recortar una clase se eliminan primero los contenedores que más consumen',
  restored: 'las cuotas se restablecen dentro del plazo',
  crowd: 'el equipo nunca se llena de contenedores',
  'no-excess': 'Vigía nunca inicia más contenedores de los que faltan en una clase',
  'no-loop': 'Vigía nunca inicia ni reinicia una y otra vez lo que no dura',
  'second-snapshot':
    'un contenedor tiene clase, a más tardar, en la segunda lectura buena que lo muestra, diez segundos o más después de la primera',
  'good-reading':
    'Vigía nunca planea ni actúa con una lectura ciega o antigua; con el motor en silencio solo termina procesos por falta de memoria',
  'same-run':
    'Vigía nunca actúa sobre un contenedor que se reinició después de clasificarlo (salvo si se reinicia sin parar)',
  culprit: 'el contenedor terminado por falta de memoria es el que la ocupó, o uno desechable de su tamaño',
  'culprit-named': 'se nombra a quien ocupa la memoria, sea de quien sea',
  'not-ours':
    'por memoria que ocupa otro no se termina ni se oprime ningún servicio, ni se rompe ningún mínimo',
  'cool-down': 'entre dos terminaciones por falta de memoria, la memoria tiene tiempo de recuperarse',
  reaction: 'la falta de memoria se atiende dentro del plazo',
  'no-oom': 'el kernel solo termina procesos por falta de memoria cuando Vigía no puede, o no debe, evitarlo',
  caught: 'una fuga se atiende antes de que falte memoria, y un servicio que la ocupa toda, justo después',
  patience: 'ningún contenedor se frena antes de que acabe su plazo de gracia',
  contended: 'la CPU de un servicio solo se limita mientras a la del equipo le falta tiempo libre',
  'no-oscillation': 'ningún contenedor se frena y se libera una y otra vez',
  'restored-first': 'un contenedor frenado recupera su CPU antes de que Vigía lo detenga',
  'given-back': 'un contenedor frenado que necesita poca CPU recupera el resto',
  'not-left-limited': 'ningún servicio que se porta bien queda limitado sin necesidad',
  misbehaviour:
    'ningún contenedor gestionado crea procesos sin fin durante mucho tiempo; ningún desechable se reinicia sin parar ni bloquea la E/S',
  recorded: 'cada ciclo queda registrado, salvo con el disco lleno',
  'samples-kept': 'ninguna muestra se guarda más tiempo del configurado',
  'samples-level': 'la cantidad de muestras en la base de datos deja de crecer',
  'memory-flat': 'la memoria del daemon deja de crecer',
} as const;
