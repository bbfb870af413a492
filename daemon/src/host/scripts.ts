import { lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Reason } from '../model/reason.ts';
import type { ScriptEvent, ScriptRun } from '../model/script.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { runGroup } from './process-group.ts';

export interface ScriptSettings {
  /** Has a subdirectory for each event, named after it; those without scripts may be missing. */
  readonly directory: string;
  readonly timeoutSeconds: number;
}

/** Scripts that run at once: more would compete with the containers. */
const MAX_RUNNING = 2;
/** Length of the queue: a flood of events must not become a flood of processes. */
const MAX_WAITING = 40;
/** How much of a script's output is kept. */
const OUTPUT_BYTES = 4096;
/** How long running scripts may take when the daemon ends. */
const END_WITHIN_MS = 5000;

interface Job {
  readonly event: ScriptEvent;
  readonly script: string;
}

/**
 * Runs the host owner's scripts in `<directory>/<event>/`, in order of name, without blocking the loop. Each has a
 * deadline, few run at once, and scripts that users other than root could change are refused. Never throws; the outcome
 * of each script is passed to `onRun`.
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

  /** Queues the scripts for an event. Returns at once. */
  queue(event: ScriptEvent): void {
    const directory = join(this.#settings.directory, event.event);
    for (const { script, refused } of scriptsIn(this.#settings.directory, directory)) {
      if (refused !== null) this.#refuse({ event, script }, 'refused', refused);
      else if (this.#waiting.length >= MAX_WAITING)
        this.#refuse({ event, script }, 'dropped', { code: 'script-queue-full', waiting: MAX_WAITING });
      else this.#waiting.push({ event, script });
    }
    this.#startWaiting();
  }

  #startWaiting(): void {
    while (this.#running.size < MAX_RUNNING) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const end = new AbortController();
      const run = this.#run(job, end.signal).then(() => {
        this.#running.delete(run);
        this.#startWaiting();
      });
      this.#running.set(run, end);
    }
  }

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const { code, output, isKilled } = await execute(job, this.#settings.timeoutSeconds * 1000, signal);
    const result = isKilled ? 'killed' : code === 0 ? 'done' : 'failed';
    this.#report(job, { result, exitCode: code, output, refusal: null, tookMs: performance.now() - began });
  }

  #refuse(job: Job, result: 'refused' | 'dropped', refusal: Reason): void {
    this.#report(job, { result, exitCode: null, output: '', refusal, tookMs: 0 });
  }

  #report({ event, script }: Job, run: Omit<ScriptRun, 'event' | 'tick' | 'at' | 'script'>): void {
    this.#onRun({ event: event.event, tick: event.tick, at: event.at, script, ...run });
  }

  /** Drops waiting scripts, gives running ones END_WITHIN_MS to finish, and then ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting.length = 0;
    const all = [...this.#running];
    const overdue = setTimeout(() => {
      for (const [, end] of all) end.abort();
    }, END_WITHIN_MS);
    await Promise.all(all.map(([run]) => run));
    clearTimeout(overdue);
  }
}

interface Found {
  readonly script: string;
  /** Why it must not run; null when it may. */
  readonly refused: Reason | null;
}

/** Names of files that editors and package updates leave behind. */
const LEFTOVER = /^\.|~$|\.(dpkg-\w+|bak|disabled|swp)$/;

/** The executable files of an event's directory, in order of name. A refused directory stands for all of its files. */
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

/** All directories above a directory, links resolved, up to `/`. */
function ancestors(directory: string): string[] {
  const parent = dirname(realpathSync(directory));
  return parent === '/' ? ['/'] : [parent, ...ancestors(parent)];
}

/**
 * Why users other than root could replace what lies in this directory, by renaming; null when they cannot. In a sticky
 * directory, such as /tmp, only an entry's owner can rename it.
 */
const whyReplaceable = (stats: Stats): Reason | null =>
  (stats.mode & 0o1000) !== 0 ? null : whyRefused(stats, 'isDirectory');

/** Why a file or directory is not safe to run as root; null when only root can change it. */
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
  // All output is read, though only its beginning is kept: a full pipe would block the script.
  const keep = (text: string): void => {
    output = (output + text).slice(0, OUTPUT_BYTES);
  };
  const { code, isStopped, failure } = await runGroup(script, [event.event], {
    timeoutMs,
    signal,
    cwd: '/',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', VIGIA_EVENT: event.event },
    input: `${JSON.stringify(event)}\n`,
    onStdout: keep,
    onStderr: keep,
  });
  return { code, output: failure ?? output, isKilled: isStopped };
}
