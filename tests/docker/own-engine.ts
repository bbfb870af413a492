import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { ROOT, until } from './engine.ts';

/** A whole Docker engine of the test's own, which may be stopped, frozen and lied about without harm to anybody else. */
export class OwnEngine {
  /** Not below /tmp: that may be a tmpfs, which no image fits in. */
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
    await until('the engine answers', 90, () => spawnSync('docker', ['info']).status === 0);
  }

  /** As `systemctl stop docker` does: its containers end with it. */
  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === null) return;
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await ended;
    this.#daemon = null;
  }

  /** Frozen, it takes connections and answers none. */
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

/** Stands between the daemon and its engine, and answers what it is told to with an error instead. */
export class Liar {
  readonly socket: string;
  readonly #server: Server;
  /** Calls that the engine never hears of. */
  refuses: (method: string, path: string) => boolean = () => false;

  constructor(engine: OwnEngine) {
    this.socket = join(engine.directory, 'liar.sock');
    this.#server = createServer((incoming, answer) => {
      const { method = '', url = '', headers } = incoming;
      if (this.refuses(method, url)) {
        answer
          .writeHead(500, { 'content-type': 'application/json' })
          .end('{"message":"driver failed to remove root filesystem"}');
        return;
      }
      const onward = request({ socketPath: engine.socket, method, path: url, headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 500, answered.headers);
        answered.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      incoming.pipe(onward);
    }).listen(this.socket);
  }

  end(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
