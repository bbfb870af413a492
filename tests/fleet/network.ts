import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';

/** Reserved for network benchmarks (RFC 2544), so it is not used on the Internet. */
const NET = '198.18.0';
const BRIDGE = 'fleet';

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

/**
 * Hosts on one network, each a network namespace with its own address; this process is on that network too. The tier
 * runs it in namespaces of its own, so that everything started here ends with them.
 */
export class Network {
  #hosts = 0;
  readonly #children: ChildProcess[] = [];

  constructor() {
    if (ip('-brief', 'link', 'show', 'up') !== '')
      throw new Error(
        `this network is in use: run it with "vigia test --only fleet", in namespaces of its own`,
      );
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
    mkdirSync('/run/netns');
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', BRIDGE, 'type', 'bridge');
    ip('address', 'add', `${NET}.1/24`, 'dev', BRIDGE);
    ip('link', 'set', BRIDGE, 'up');
  }

  /** Adds a host and returns its address. */
  add(name: string): string {
    this.#hosts += 1;
    const address = `${NET}.${10 + this.#hosts}`;
    const link = `to-${this.#hosts}`;
    ip('netns', 'add', name);
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('link', 'set', link, 'master', BRIDGE, 'up');
    ip('-netns', name, 'link', 'set', 'lo', 'up');
    ip('-netns', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-netns', name, 'link', 'set', 'eth0', 'up');
    return address;
  }

  /** Starts a program on a host, or on none of them with null. Its output goes to our standard error. */
  start(host: string | null, program: string, ...args: string[]): ChildProcess {
    const there = host === null ? [] : ['ip', 'netns', 'exec', host];
    const [command = '', ...rest] = [...there, program, ...args];
    const child = spawn(command, rest, { stdio: ['ignore', 2, 2] });
    child.on('exit', (code) => {
      if (code !== null && code !== 0) throw new Error(`${program} ended with ${code}`);
    });
    this.#children.push(child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(stop));
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // The exit code after SIGTERM is not checked: vmalert 1.79 may panic.
  child.removeAllListeners('exit');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
