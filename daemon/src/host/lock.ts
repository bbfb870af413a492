import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { COMMAND_LOCK, LOOP_LOCK } from '../layout/paths.ts';

export interface Lock extends AsyncDisposable {
  /** Resolves when the lock is lost without having been released. */
  readonly lost: Promise<void>;
}

/** Takes the loop's lock; null when another process holds it. */
export function holdLoopLock(path = LOOP_LOCK): Promise<Lock | null> {
  // 0700: any user who can open the file could lock it and keep Vigía from starting.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return holdLock(path, 0);
}

/** How long a command waits for another one. */
const TURN_SECONDS = 10;

/**
 * Does the work while no other command does its own. Throws when another one does not come to its end, and where this
 * user may not lock (EACCES, EPERM).
 */
export async function inTurn<T>(work: () => T, path = COMMAND_LOCK): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // 0600, for the same reason.
  closeSync(openSync(path, 'a', 0o600));
  await using lock = await holdLock(path, TURN_SECONDS);
  if (lock === null) throw new Error(`another vigia command has been changing files for ${TURN_SECONDS} s`);
  return work();
}

/**
 * Takes a lock with flock(2); null when another process still holds it after the wait. Node has no flock, so a child
 * process holds it. The child ends with its standard input, which frees the lock even when Vigía gets SIGKILL.
 */
async function holdLock(path: string, waitSeconds: number): Promise<Lock | null> {
  const holder = spawn(
    'flock',
    [
      ...['--timeout', `${waitSeconds}`, '--conflict-exit-code', '75', path],
      ...['sh', '-c', 'echo held; exec cat'],
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A process group of its own: Ctrl-C in the terminal must not free the lock before the cron job is removed.
      detached: true,
    },
  );
  const closed = new Promise<number | null>((resolve, reject) => {
    holder.on('error', (error) =>
      reject(new Error(`cannot lock ${path}: ${error.message} (package util-linux)`)),
    );
    holder.on('close', resolve);
  });
  const held = new Promise<'held'>((resolve) => holder.stdout.once('data', () => resolve('held')));
  const first = await Promise.race([held, closed]);
  if (first === 75) return null;
  if (first !== 'held') throw new Error(`cannot lock ${path}: flock ended with ${first}`);
  let released = false;
  const lost = closed.then(() => (released ? new Promise<void>(() => {}) : undefined));
  return {
    lost,
    async [Symbol.asyncDispose]() {
      released = true;
      holder.stdin.end();
      await closed;
    },
  };
}

/** Whether a process holds the loop's lock. Does not take it, which could keep a loop from starting. */
export function isLoopLockHeld(path = LOOP_LOCK, locks = '/proc/locks'): boolean {
  const inode = statSync(path, { throwIfNoEntry: false })?.ino;
  if (inode === undefined) return false;
  // "1: FLOCK  ADVISORY  WRITE 1234 00:1a:567 0 EOF": the file is device and inode.
  return readFileSync(locks, 'utf8')
    .split('\n')
    .some((line) => line.includes('FLOCK') && line.includes(`:${inode} `));
}
