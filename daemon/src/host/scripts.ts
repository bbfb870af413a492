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
/** How long all scripts of a `before-…` event may take together: the cycle waits for them. */
const ASK_WITHIN_MS = 10_000;
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

  /**
   * Runs the scripts of a `before-…` event one after the other, and returns the path of the first that vetoes it: that
   * ends by itself with another code than 0. null when none does: one that is refused, cannot be started or does not
   * answer in time has no say, so that a broken script does not disarm. `signal` ends it early, without a veto.
   */
  async ask(event: ScriptEvent, signal: AbortSignal): Promise<string | null> {
    const directory = join(this.#settings.directory, event.event);
    const end = AbortSignal.any([signal, AbortSignal.timeout(ASK_WITHIN_MS)]);
    for (const { script, refused } of scriptsIn(this.#settings.directory, directory)) {
      if (refused !== null) this.#refuse({ event, script }, 'refused', refused);
      else if (!end.aborted && (await this.#run({ event, script }, end)) === 'vetoed') return script;
    }
    return null;
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

  async #run(job: Job, signal: AbortSignal): Promise<ScriptRun['result']> {
    const began = performance.now();
    // It may have waited: what was safe when it was queued may have been replaced since.
    const refused = whyScriptRefused(this.#settings.directory, job.script);
    if (refused !== null) return this.#refuse(job, 'refused', refused);
    const done = await execute(job, this.#settings.timeoutSeconds * 1000, signal);
    const { code, output } = done;
    const result = resultOf(job, done);
    this.#report(job, { result, exitCode: code, output, refusal: null, tookMs: performance.now() - began });
    return result;
  }

  #refuse(job: Job, result: 'refused' | 'dropped', refusal: Reason): ScriptRun['result'] {
    this.#report(job, { result, exitCode: null, output: '', refusal, tookMs: 0 });
    return result;
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
    const refused = whyDirectoryRefused(root, directory);
    if (refused !== null) return [refused];
    // By its real path: a link above could be pointed elsewhere before the script is started.
    const real = realpathSync(directory);
    return readdirSync(real)
      .filter((name) => !LEFTOVER.test(name))
      .sort()
      .map((name) => join(real, name))
      .filter((script) => (lstatSync(script).mode & 0o111) !== 0)
      .map((script) => ({ script, refused: whyRefused(lstatSync(script), 'isFile') }));
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isAbsent ? [] : [{ script: directory, refused: reasonOf(error) }];
  }
}

/** The directory that makes the scripts in `directory` unsafe, be it a parent, with why; null when there is none. */
function whyDirectoryRefused(root: string, directory: string): Found | null {
  for (const path of [root, directory]) {
    const refused = whyRefused(lstatSync(path), 'isDirectory');
    if (refused !== null) return { script: path, refused };
  }
  for (const path of ancestors(root)) {
    const refused = whyReplaceable(lstatSync(path));
    if (refused !== null) return { script: path, refused };
  }
  return null;
}

/** Why a script must not run now, with all directories above it; null when it may. */
function whyScriptRefused(root: string, script: string): Reason | null {
  try {
    const directory = whyDirectoryRefused(realpathSync(root), dirname(script));
    return directory?.refused ?? whyRefused(lstatSync(script), 'isFile');
  } catch (error) {
    return reasonOf(error);
  }
}

/** All directories above a directory, links resolved, up to `/`. */
function ancestors(directory: string): string[] {
  const parent = dirname(realpathSync(directory));
  return parent === '/' ? ['/'] : [parent, ...ancestors(parent)];
}

/**
 * Why users other than root could replace what lies in this directory, by renaming; null when they cannot. In a sticky
 * directory, such as /tmp, others can write but only rename what is theirs, except its owner, who can rename everything.
 */
const whyReplaceable = (stats: Stats): Reason | null =>
  whyRefused(stats, 'isDirectory', (stats.mode & 0o1000) !== 0);

/** Why a file or directory is not safe to run as root; null when only root can change it. */
function whyRefused(stats: Stats, kind: 'isFile' | 'isDirectory', isSticky = false): Reason | null {
  if (!stats[kind]()) return { code: kind === 'isFile' ? 'script-not-a-file' : 'script-not-a-directory' };
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) return { code: 'script-owner', uid: stats.uid };
  if (!isSticky && (stats.mode & 0o022) !== 0)
    return { code: 'script-writable', mode: (stats.mode & 0o777).toString(8) };
  return null;
}

interface Executed {
  readonly code: number | null;
  readonly output: string;
  readonly isKilled: boolean;
  readonly isStarted: boolean;
}

/** A script that is asked vetoes only by ending by itself: 127 is a missing interpreter, null a signal. */
function resultOf({ event }: Job, { code, isKilled, isStarted }: Executed): ScriptRun['result'] {
  if (isKilled) return 'killed';
  if (code === 0) return 'done';
  const hasSay = event.event.startsWith('before-') && isStarted && code !== null && code !== 127;
  return hasSay ? 'vetoed' : 'failed';
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
  return { code, output: failure ?? output, isKilled: isStopped, isStarted: failure === null };
}
