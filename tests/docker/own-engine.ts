import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT, until } from './real-engine.ts';

/**
 * A separate Docker engine for one test: it can be stopped, frozen and made to fail without affecting the host's
 * engine.
 */
export class OwnEngine {
  /** Not below /tmp, which may be a tmpfs too small for images. */
  readonly directory = mkdtempSync('/var/tmp/vigia-engine-');
  readonly socket = join(this.directory, 'docker.sock');
  #daemon: ChildProcess | null = null;

  async start(): Promise<void> {
    const at = (name: string) => join(this.directory, name);
    const log = openSync(at('log'), 'a');
    this.#daemon = spawn(
      'dockerd',
      [
        ...['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')],
        ...['--host', `unix://${this.socket}`, '--bridge', 'none', '--iptables=false', '--ip6tables=false'],
      ],
      { stdio: ['ignore', log, log] },
    );
    await until('the engine answers', () => spawnSync('docker', ['info']).status === 0);
  }

  /** Stops it as `systemctl stop docker` does: its containers end too. */
  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null) return;
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await ended;
    this.#daemon = null;
    this.#unmount();
  }

  /** Unmounts what a container that was being started has left: otherwise no engine could remove that container. */
  #unmount(): void {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const ours = mounts
      .flatMap((line) => line.split(' ')[4] ?? [])
      .filter((path) => path.startsWith(this.directory));
    for (const path of ours.toReversed()) spawnSync('umount', ['--lazy', path]);
  }

  /** A frozen engine accepts connections and answers none. */
  freeze(isFrozen: boolean): void {
    assert.ok(this.#daemon?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'));
  }

  buildImages(): void {
    execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  async remove(): Promise<void> {
    this.#daemon?.kill('SIGCONT');
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The engine behind a proxy that answers some calls with errors (faulty-engine-proxy.ts). */
export class FaultyEngineProxy {
  readonly socket: string;
  readonly #worker: Worker;

  constructor(engine: OwnEngine) {
    this.socket = join(engine.directory, 'proxy.sock');
    const workerData = { socket: this.socket, engine: engine.socket };
    this.#worker = new Worker(join(import.meta.dirname, 'faulty-engine-proxy.ts'), { workerData });
  }

  /** Refuses from now on the calls that this pattern matches ("DELETE /containers/…"); an empty text refuses none. */
  refuse(pattern: string): void {
    this.#worker.postMessage(pattern);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
