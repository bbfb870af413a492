import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { memoryTree } from '../../daemon/src/engine/cgroup-files.ts';

/** The ID of the container that the tree's cgroup looks like. */
export const CONTAINER = 'abcdef0123456789'.repeat(4);
const PARENT = `${memoryTree()}/vigia-bpf-test`;
export const CGROUP = `/vigia-bpf-test/${CONTAINER}`;

/** A running tree.c. */
export class Tree implements AsyncDisposable {
  readonly kinds = new Map<number, string>();
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #interface: Interface;
  readonly #dir: string;

  private constructor(count: number, seed: number, program: string, dir: string) {
    mkdirSync(`${PARENT}/${CONTAINER}`, { recursive: true });
    const procs = `${PARENT}/${CONTAINER}/cgroup.procs`;
    this.#dir = dir;
    this.#child = spawn(program, [`${count}`, `${seed}`, procs]);
    this.#child.stderr.pipe(process.stderr);
    this.#interface = createInterface(this.#child.stdout);
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  /** Starts it and waits until all its processes have stopped. */
  static async start(count: number, seed: number): Promise<Tree> {
    const dir = mkdtempSync(join(tmpdir(), 'vigia-tree-'));
    const tree = new Tree(count, seed, programIn(dir), dir);
    for (const line of await tree.#untilReady()) {
      const [kind = '', pid] = line.split(' ');
      tree.kinds.set(Number(pid), kind);
    }
    assert.equal(tree.kinds.size, count);
    return tree;
  }

  /** CPU time of each process in nanoseconds, by its CPU clock. */
  async clocks(): Promise<Map<number, number>> {
    this.#child.stdin.write('clocks\n');
    const lines = await this.#untilReady();
    return new Map(lines.map((line) => [Number(line.split(' ')[0]), Number(line.split(' ')[1])]));
  }

  async #untilReady(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const { value, done } = await this.#lines.next();
      assert.ok(!done, 'the tree has ended');
      if (value === 'ready') return lines;
      lines.push(value);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin.end();
    await ended;
    this.#interface.close();
    rmSync(this.#dir, { recursive: true });
    removeCgroup();
  }
}

/** Zombies whose parent was killed leave it a moment later. */
function removeCgroup(): void {
  for (const directory of [`${PARENT}/${CONTAINER}`, PARENT])
    for (const deadline = performance.now() + 10_000; existsSync(directory); ) {
      try {
        rmdirSync(directory);
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
}

/** Built where it runs. */
function programIn(dir: string): string {
  const program = join(dir, 'tree');
  const source = join(import.meta.dirname, 'tree.c');
  const built = spawnSync('gcc', ['-O1', '-Wall', '-Wextra', '-Werror', '-pthread', '-o', program, source], {
    encoding: 'utf8',
  });
  assert.equal(built.status, 0, built.stderr);
  return program;
}
