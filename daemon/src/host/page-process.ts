import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Voice } from './host.ts';

const PAGE_USER = 'vigia';
const SHORTEST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const END_WITHIN_MS = 5000;

/**
 * Keeps the page's process alive beside the loop, as user `vigia` where that exists. Its end never ends the loop:
 * it is started again, after longer and longer waits.
 */
export function keepPage(
  command: readonly [string, ...string[]],
  database: string,
  voice: Voice,
): AsyncDisposable {
  const identity = pageIdentity(voice);
  mkdirSync(dirname(database), { recursive: true });
  if (identity !== null) {
    // The group may read, and new files inherit it.
    chownSync(dirname(database), 0, identity.gid);
    chmodSync(dirname(database), 0o2750);
  }
  let child: ChildProcess;
  let ending = false;
  let waitMs = SHORTEST_WAIT_MS;
  let retry: NodeJS.Timeout | undefined;

  function start(): void {
    const [program, ...args] = command;
    const began = Date.now();
    // The pipe on its standard input ends with us, even after a SIGKILL: the page must not outlive the loop.
    child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'], ...identity });
    child.on('error', (error) => voice.warn(`page: ${error.message}`));
    child.on('close', (code, signal) => {
      if (ending) return;
      waitMs =
        Date.now() - began > LONGEST_WAIT_MS ? SHORTEST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS);
      voice.warn(`page: ended (${signal ?? code}); again in ${waitMs / 1000} s. The loop goes on.`);
      retry = setTimeout(start, waitMs);
    });
  }
  start();
  return {
    async [Symbol.asyncDispose]() {
      ending = true;
      clearTimeout(retry);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const overdue = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
      await closed;
      clearTimeout(overdue);
    },
  };
}

/** null when this is not root, or the user does not exist: then the page runs as we do. */
function pageIdentity(voice: Voice): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  try {
    const idOf = (flag: string): number =>
      Number(execFileSync('id', [flag, PAGE_USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    voice.warn(
      `page: runs as root, because there is no user ${PAGE_USER} (useradd --system --shell /usr/sbin/nologin ${PAGE_USER})`,
    );
    return null;
  }
}
