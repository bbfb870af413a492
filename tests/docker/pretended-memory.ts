import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULTS } from '../../daemon/src/model/config.ts';

/** Of a fixed width, so that it can be written over. */
const lineOf = (availableKb: number): string =>
  `MemAvailable:   ${String(Math.round(availableKb)).padStart(10)} kB`;

/**
 * MemAvailable as a test wants it. A program that is started with `prefix` sees it in /proc/meminfo, in a mount namespace
 * of its own; everything else (containers, cgroups, engine, kills) is real. Its /run/vigia is its own as well.
 */
export class PretendedMemory implements Disposable {
  /** The beginning of a command line; the program and its arguments follow. */
  readonly prefix: readonly string[];
  readonly totalKb: number;
  /** With the default settings memory is short below this. */
  readonly thresholdKb: number;
  readonly #file: number;
  readonly #offset: number;

  constructor(directory: string) {
    const path = join(directory, 'meminfo');
    const text = readFileSync('/proc/meminfo', 'utf8').replace(/^MemAvailable:.*$/m, lineOf(0));
    this.totalKb = Number(/^MemTotal:\s+(\d+)/.exec(text)?.[1]);
    const { availablePercent, availableMib } = DEFAULTS.pressure;
    this.thresholdKb = Math.min((availablePercent / 100) * this.totalKb, availableMib * 1024);
    this.#file = openSync(path, 'w');
    this.#offset = text.indexOf('MemAvailable:');
    writeSync(this.#file, text, 0);
    this.set(this.totalKb / 2);
    const script =
      'mkdir -p /run/vigia; mount -t tmpfs none /run/vigia; mount --bind "$0" /proc/meminfo; exec "$@"';
    this.prefix = ['unshare', '--mount', '--propagation', 'private', 'sh', '-e', '-c', script, path];
  }

  /** One write in place: no reader sees half a file. */
  set(availableKb: number): void {
    writeSync(this.#file, lineOf(availableKb), this.#offset);
  }

  /** An emergency: less than half of the threshold. */
  runOut(): void {
    this.set(0.4 * this.thresholdKb);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
