/** The descriptions of the simulation's invariants in Spanish, by name; the English ones are in its report. */
export const INVARIANTS_SPANISH = {
  floor: 'ninguna acción de Vigía deja una clase por debajo de su mínimo',
  'three-and-two': 'un ciclo que clasificó todos los contenedores termina exactamente con las cuotas',
  'second-snapshot':
    'un contenedor tiene clase, a más tardar, en la segunda lectura buena que lo muestra, diez segundos o más después de la primera',
  protected: 'Vigía nunca actúa sobre un contenedor protegido',
  foreign: 'Vigía nunca actúa sobre un contenedor ajeno',
  'good-reading': 'Vigía nunca planea ni actúa con una lectura ciega o antigua',
  'same-run':
    'Vigía nunca actúa sobre un contenedor que se reinició después de clasificarlo (salvo si se reinicia sin parar)',
  'greedy-first': 'al recortar una clase se eliminan primero los contenedores que más consumen',
  'no-excess': 'Vigía nunca inicia más contenedores de los que faltan en una clase',
  culprit: 'un contenedor eliminado por falta de memoria ocupa una parte grande de ella',
  'cool-down': 'entre dos eliminaciones por falta de memoria, la memoria tiene tiempo de recuperarse',
  reaction: 'la falta de memoria se atiende dentro del plazo',
  'no-oom':
    'el kernel solo elimina por falta de memoria cuando se agota más rápido de lo que Vigía puede actuar',
  patience: 'ningún contenedor se frena antes de que acabe su plazo de gracia',
  misbehaviour:
    'ningún contenedor gestionado crea procesos sin fin, se reinicia sin parar o bloquea la E/S durante mucho tiempo',
  'no-oscillation': 'ningún contenedor se frena y se libera una y otra vez',
  'restored-first': 'un contenedor frenado recupera su CPU antes de que Vigía lo detenga',
  'given-back': 'un contenedor frenado que necesita poca CPU recupera el resto',
  recorded: 'cada ciclo queda registrado, salvo con el disco lleno',
  restored: 'las cuotas se restablecen dentro del plazo',
  crowd: 'el equipo nunca se llena de contenedores',
  'samples-kept': 'ninguna muestra se guarda más tiempo del configurado',
  'samples-level': 'la cantidad de muestras en la base de datos deja de crecer',
  'memory-flat': 'la memoria del daemon deja de crecer',
} as const;
