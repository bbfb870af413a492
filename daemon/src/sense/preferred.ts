import type { Config } from '../model/config.ts';
import { KernelModules } from './kernel-modules.ts';
import { Procfs } from './procfs.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';

/** The kernel modules while they are there, /proc otherwise. Losing them costs one cycle, which holds and says so. */
export class PreferredSensor implements Sensor, AsyncDisposable {
  readonly #choice: Config['sensor'];
  readonly #kernel: KernelModules;
  readonly #procfs = new Procfs();
  #hadKernel = false;

  constructor({ sensor, carnet }: Config) {
    this.#choice = sensor;
    this.#kernel = new KernelModules(carnet);
  }

  async read(): Promise<Reading> {
    if (this.#choice === 'procfs') return this.#procfs.read();
    if (this.#choice === 'kernel' || this.#kernel.isLoaded()) {
      this.#hadKernel = true;
      return this.#kernel.read();
    }
    if (this.#hadKernel) {
      this.#hadKernel = false;
      throw new SensorError('continfo', { code: 'module-unloaded' });
    }
    return this.#procfs.read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kernel[Symbol.asyncDispose]();
  }
}
