import { type MessagePort, workerData } from 'node:worker_threads';
import { Lookout } from '../loop/lookout.ts';
import { Turn } from '../loop/turn.ts';
import type { Aid, Judgement, Known, Word } from '../model/memory-watch.ts';
import { PressureFiles } from '../sense/pressure.ts';
import { FirstAid } from './first-aid.ts';
import { realClock } from './real-clock.ts';

/** Entry file of the thread that watches memory, and acts where the loop is held up. */
export interface WatchStart {
  readonly port: MessagePort;
  readonly turn: Int32Array<SharedArrayBuffer>;
  readonly first: Judgement;
  readonly proc: string;
}

export type Told =
  | { readonly kind: 'judge'; readonly judgement: Judgement }
  | { readonly kind: 'prepare'; readonly known: Known; readonly acts: number };

export type Said = Word | { readonly kind: 'aid'; readonly aid: Aid };

function serve({ port, turn, first, proc }: WatchStart): void {
  const say = (said: Said): void => port.postMessage(said);
  const files = new PressureFiles(proc);
  const pressure = () => files.read(realClock.monotonicNs());
  const firstAid = new FirstAid(new Turn(turn), pressure, (aid) => say({ kind: 'aid', aid }));
  const lookout = new Lookout(
    {
      ...{ clock: realClock, pressure },
      say: (word) => {
        say(word);
        if (word.kind === 'alarm') firstAid.alarmed(lookout);
      },
    },
    first,
  );
  port.on('message', (told: Told) => {
    if (told.kind === 'judge') lookout.judge(told.judgement);
    else firstAid.prepare(told.known, told.acts);
  });
  lookout.run(new AbortController().signal);
}

if (workerData?.turn instanceof Int32Array) serve(workerData);
