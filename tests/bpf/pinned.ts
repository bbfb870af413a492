import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../lab/guest.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');

/** A BPF file system of this test alone, so that it runs beside a Vigía that has pinned its own iterator. */
export class PrivateBpffs implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'vigia-bpffs-'));
  readonly pin: string = join(this.path, 'vigia/tasks-1');

  constructor() {
    run('mount', '-t', 'bpf', 'none', this.path);
  }

  /** Runs load-bpf.sh or unload-bpf.sh. */
  script(name: 'load-bpf.sh' | 'unload-bpf.sh', ...args: string[]) {
    const env = { ...process.env, VIGIA_BPFFS: this.path, VIGIA_BPF_LOCK: `${this.path}.lock` };
    return spawnSync(join(SCRIPTS, name), args, { encoding: 'utf8', env });
  }

  [Symbol.dispose](): void {
    this.script('unload-bpf.sh');
    run('umount', this.path);
    rmdirSync(this.path);
    run('rm', '-f', `${this.path}.lock`);
  }
}
