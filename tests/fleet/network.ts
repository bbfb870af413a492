import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';

/** For benchmarks of networks (RFC 2544): nobody's real address. */
const NET = '198.18.0';
const BRIDGE = 'fleet';

const ip = (...args: string[]): void => void execFileSync('ip', args);

/**
 * Hosts on one network, each a network namespace with an address of its own; this process is on it too. To be run in
 * namespaces of its own (the tier sees to it), with which everything here ends, whatever becomes of this process.
 */
export class Network {
  #hosts = 0;
  readonly #children: ChildProcess[] = [];

  constructor() {
    if (existsSync(`/sys/class/net/${BRIDGE}`)) throw new Error(`there is a ${BRIDGE} already`);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
    mkdirSync('/run/netns');
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', BRIDGE, 'type', 'bridge');
    ip('address', 'add', `${NET}.1/24`, 'dev', BRIDGE);
    ip('link', 'set', BRIDGE, 'up');
  }

  /** A new host; its address. */
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

  /** Runs a program, on that host or beside the hosts. What it says goes to our standard error. */
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
  // How it ends when it is told to is its own affair: vmalert 1.79 may panic.
  child.removeAllListeners('exit');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
