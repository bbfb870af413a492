import type { Config } from '../model/config.ts';
import type { ContainerId } from '../model/units.ts';
import { KernelModules } from './kernel-modules.ts';
import { Procfs } from './procfs.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';

/**
 * Reads the kernel modules while they are loaded, /proc otherwise. When they are unloaded, one cycle holds and reports
 * it.
 */
export class PreferredSensor implements Sensor, AsyncDisposable {
  readonly #choice: Config['sensor'];
  readonly #kernel: KernelModules;
  readonly #procfs = new Procfs();
  #hadKernel = false;

  constructor({ sensor, carnet }: Config) {
    this.#choice = sensor;
    this.#kernel = new KernelModules(carnet);
  }

  async read(known?: ReadonlySet<ContainerId>, urgent?: AbortSignal): Promise<Reading> {
    if (this.#choice === 'procfs') return this.#procfs.read(known, urgent);
    if (this.#choice === 'kernel' || this.#kernel.isLoaded()) {
      this.#hadKernel = true;
      return this.#kernel.read(known);
    }
    if (this.#hadKernel) {
      this.#hadKernel = false;
      throw new SensorError('continfo', { code: 'module-unloaded' });
    }
    return this.#procfs.read(known, urgent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kernel[Symbol.asyncDispose]();
    await this.#procfs[Symbol.asyncDispose]();
  }
}
