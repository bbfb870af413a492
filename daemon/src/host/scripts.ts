import { lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Reason } from '../model/reason.ts';
import type { ScriptEvent, ScriptRun } from '../model/script.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { runGroup } from './process-group.ts';

export interface ScriptSettings {
  /** Holds one directory for each event that has scripts. */
  readonly directory: string;
  readonly timeoutSeconds: number;
}

/** More at once would compete with the containers that they are about. */
const AT_ONCE = 2;
/** A flood of events is worth no flood of processes. */
const WAITING = 40;
const OUTPUT_BYTES = 4096;
/** At the end of a run of the daemon. */
const END_WITHIN_MS = 5000;

interface Job {
  readonly event: ScriptEvent;
  readonly script: string;
}

/**
 * Runs the executables in `<directory>/<event>/`, in the order of their names, beside the loop: few at once, each within
 * its time, as nobody's orders but root's. Never throws; what came of each is told to `onRun`.
 */
export class Scripts implements AsyncDisposable {
  readonly #settings: ScriptSettings;
  readonly #onRun: (run: ScriptRun) => void;
  readonly #waiting: Job[] = [];
  readonly #running = new Map<Promise<void>, AbortController>();

  constructor(settings: ScriptSettings, onRun: (run: ScriptRun) => void) {
    this.#settings = settings;
    this.#onRun = onRun;
  }

  /** Returns at once. */
  tell(event: ScriptEvent): void {
    const directory = join(this.#settings.directory, event.event);
    for (const { script, refused } of scriptsIn(this.#settings.directory, directory)) {
      if (refused !== null) this.#refuse({ event, script }, 'refused', refused);
      else if (this.#waiting.length >= WAITING)
        this.#refuse({ event, script }, 'dropped', { code: 'script-queue-full', waiting: WAITING });
      else this.#waiting.push({ event, script });
    }
    this.#next();
  }

  #next(): void {
    while (this.#running.size < AT_ONCE) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const cut = new AbortController();
      const run = this.#run(job, cut.signal).then(() => {
        this.#running.delete(run);
        this.#next();
      });
      this.#running.set(run, cut);
    }
  }

  async #run(job: Job, cut: AbortSignal): Promise<void> {
    const began = performance.now();
    const { code, output, isKilled } = await execute(job, this.#settings.timeoutSeconds * 1000, cut);
    const result = isKilled ? 'killed' : code === 0 ? 'done' : 'failed';
    this.#report(job, { result, exitCode: code, output, refusal: null, tookMs: performance.now() - began });
  }

  #refuse(job: Job, result: 'refused' | 'dropped', refusal: Reason): void {
    this.#report(job, { result, exitCode: null, output: '', refusal, tookMs: 0 });
  }

  #report({ event, script }: Job, run: Omit<ScriptRun, 'event' | 'tick' | 'at' | 'script'>): void {
    this.#onRun({ event: event.event, tick: event.tick, at: event.at, script, ...run });
  }

  /** What waits is forgotten; what runs has a moment left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting.length = 0;
    const all = [...this.#running];
    const overdue = setTimeout(() => {
      for (const [, cut] of all) cut.abort();
    }, END_WITHIN_MS);
    await Promise.all(all.map(([run]) => run));
    clearTimeout(overdue);
  }
}

interface Found {
  readonly script: string;
  readonly refused: Reason | null;
}

/** Leftovers of editors and of package updates are no scripts; neither is what is not executable. */
const LEFTOVER = /^\.|~$|\.(dpkg-\w+|bak|disabled|swp)$/;

function scriptsIn(root: string, directory: string): Found[] {
  try {
    const inside = [root, directory].map(
      (path) => [path, whyRefused(lstatSync(path), 'isDirectory')] as const,
    );
    const above = ancestors(root).map((path) => [path, whyReplaceable(lstatSync(path))] as const);
    for (const [path, why] of [...inside, ...above])
      if (why !== null) return [{ script: path, refused: why }];
    return readdirSync(directory)
      .filter((name) => !LEFTOVER.test(name))
      .sort()
      .map((name) => join(directory, name))
      .filter((script) => (lstatSync(script).mode & 0o111) !== 0)
      .map((script) => ({ script, refused: whyRefused(lstatSync(script), 'isFile') }));
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isAbsent ? [] : [{ script: directory, refused: reasonOf(error) }];
  }
}

/** The directories that a directory really lies in, up to `/`. */
function ancestors(directory: string): string[] {
  const parent = dirname(realpathSync(directory));
  return parent === '/' ? ['/'] : [parent, ...ancestors(parent)];
}

/** Whoever may rename a directory puts another in its place; where names are sticky, as in /tmp, only its owner may. */
const whyReplaceable = (stats: Stats): Reason | null =>
  (stats.mode & 0o1000) !== 0 ? null : whyRefused(stats, 'isDirectory');

/** We are root: only what nobody else can change is run. A link could lead anywhere. */
function whyRefused(stats: Stats, kind: 'isFile' | 'isDirectory'): Reason | null {
  if (!stats[kind]()) return { code: kind === 'isFile' ? 'script-not-a-file' : 'script-not-a-directory' };
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) return { code: 'script-owner', uid: stats.uid };
  if ((stats.mode & 0o022) !== 0) return { code: 'script-writable', mode: (stats.mode & 0o777).toString(8) };
  return null;
}

interface Executed {
  readonly code: number | null;
  readonly output: string;
  readonly isKilled: boolean;
}

async function execute({ event, script }: Job, timeoutMs: number, signal: AbortSignal): Promise<Executed> {
  let output = '';
  // Read to its end, whatever is kept of it: a full pipe would stop the script.
  const keep = (text: string): void => {
    output = (output + text).slice(0, OUTPUT_BYTES);
  };
  const { code, isPreempted, failure } = await runGroup(script, [event.event], {
    timeoutMs,
    signal,
    cwd: '/',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', VIGIA_EVENT: event.event },
    input: `${JSON.stringify(event)}\n`,
    onStdout: keep,
    onStderr: keep,
  });
  return { code, output: failure ?? output, isKilled: isPreempted };
}
