import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LOOP_LOCK } from '../layout/paths.ts';

export interface Lock extends AsyncDisposable {
  /** Resolves when the lock is lost without having been released. */
  readonly lost: Promise<void>;
}

/**
 * Takes the loop's lock with flock(2); null when another process holds it. Node has no flock, so a child process holds
 * it. The child ends with its standard input, which frees the lock even when Vigía gets SIGKILL.
 */
export async function holdLoopLock(path = LOOP_LOCK): Promise<Lock | null> {
  // 0700: any user who can open the file could lock it and keep Vigía from starting.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const holder = spawn(
    'flock',
    ['--nonblock', '--conflict-exit-code', '75', path, 'sh', '-c', 'echo held; exec cat'],
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
