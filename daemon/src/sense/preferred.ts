import type { Config } from '../model/config.ts';
import type { ContainerId } from '../model/units.ts';
import { BPF_PIN, BpfIterator } from './bpf-iterator.ts';
import { KernelModules } from './kernel-modules.ts';
import { Procfs } from './procfs.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';

/**
 * Reads the kernel modules while they are loaded, else the BPF iterator while it is, else /proc. When the modules are
 * unloaded, one cycle holds and reports it.
 */
export class PreferredSensor implements Sensor, AsyncDisposable {
  readonly #choice: Config['sensor'];
  readonly #kernel: KernelModules;
  readonly #bpf: BpfIterator;
  readonly #procfs = new Procfs();
  #hadKernel = false;

  constructor({ sensor, carnet }: Config, bpfPin = BPF_PIN) {
    this.#choice = sensor;
    this.#bpf = new BpfIterator(bpfPin);
    this.#kernel = new KernelModules(carnet);
  }

  async read(known?: ReadonlySet<ContainerId>, urgent?: AbortSignal): Promise<Reading> {
    if (this.#choice === 'procfs') return this.#procfs.read(known, urgent);
    if (this.#choice === 'bpf') return this.#bpf.read(known);
    if (this.#choice === 'kernel' || this.#kernel.isLoaded()) {
      this.#hadKernel = true;
      return this.#kernel.read(known);
    }
    if (this.#hadKernel) {
      this.#hadKernel = false;
      throw new SensorError('continfo', { code: 'module-unloaded' });
    }
    return this.#bpf.isLoaded() ? this.#bpf.read(known) : this.#procfs.read(known, urgent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kernel[Symbol.asyncDispose]();
    await this.#procfs[Symbol.asyncDispose]();
  }
}
