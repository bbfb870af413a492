import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type DaemonRun, DaemonRuns, type Row } from './daemon-runs.ts';
import { OwnEngine } from './own-engine.ts';
import { PretendedMemory } from './pretended-memory.ts';
import { docker, until } from './real-engine.ts';

export const BOX = 'vigia-test/box';
/** Ends at once, with code 3. */
export const CRASH = 'vigia-test/crash';
const PROGRAMS = ['sh', 'sleep', 'cat', 'touch', 'dd', 'kill'];

export const SERVICE = { 'vigia.managed': 'true' };
export const DISPOSABLE = { 'vigia.managed': 'true', 'vigia.disposable': 'true' };

/** "Only relief when memory runs out and when a container misbehaves". */
export const NO_QUOTAS = { low: { keep: 0, trim: false }, high: { keep: 0, trim: false } };

/** Long enough for anything that the daemon does within a few of its cycles of a second. */
const PATIENCE_SECONDS = 60;

/** What the engine says about a container. */
export interface Facts {
  readonly id: string;
  readonly status: string;
  readonly running: boolean;
  readonly pid: number;
  readonly startedAt: string;
  readonly restartCount: number;
  readonly exitCode: number;
  readonly cpuQuota: number;
  readonly cpuPeriod: number;
  readonly volumes: readonly string[];
}

/** A host with an engine of its own and containers of an owner, looked after by the real daemon. */
export class OwnerHost {
  readonly engine = new OwnEngine();
  readonly #before = process.env['DOCKER_HOST'];

  async start(): Promise<void> {
    process.env['DOCKER_HOST'] = `unix://${this.engine.socket}`;
    await this.engine.start();
    importImages();
  }

  async remove(): Promise<void> {
    await this.engine.remove();
    if (this.#before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = this.#before;
  }

  /** Removes every container and every volume. */
  clear(): void {
    const containers = lines(docker('ps', '--all', '--quiet'));
    if (containers.length > 0) docker('rm', '--force', '--volumes', ...containers);
    const volumes = lines(docker('volume', 'ls', '--quiet'));
    if (volumes.length > 0) docker('volume', 'rm', ...volumes);
  }

  /** A lookout that ends with the test. Mode `enforce`, cycles of a second, no quotas unless `settings` say otherwise. */
  lookout(t: TestContext, settings: object = {}): Lookout {
    const lookout = new Lookout({
      mode: 'enforce',
      docker: { socket: this.engine.socket },
      quotas: NO_QUOTAS,
      ...settings,
    });
    t.after(() => lookout.end());
    return lookout;
  }
}

/** The real daemon with a database of its own, on a host whose available memory is pretended. */
export class Lookout {
  readonly runs: DaemonRuns;
  readonly memory: PretendedMemory;
  readonly #patienceSeconds: number;
  #run: DaemonRun | null = null;

  constructor(settings: object, patienceSeconds = PATIENCE_SECONDS) {
    this.#patienceSeconds = patienceSeconds;
    // Not the assignment's set-up: an owner's host.
    this.runs = new DaemonRuns({ demo: undefined, ...settings });
    this.memory = new PretendedMemory(this.runs.directory);
  }

  /** Starts the daemon and waits for its third cycle: from then on it knows rates. */
  async begin(command: readonly string[] = ['run']): Promise<void> {
    this.#run = this.runs.begin(command, this.memory.prefix);
    await this.cycles(3);
  }

  /** The daemon's process, which is in the namespace with the pretended memory. */
  get pid(): number | undefined {
    return this.#run?.child.pid;
  }

  /** Waits for so many more cycles: proof that the daemon runs. */
  async cycles(count: number): Promise<void> {
    const from = this.runs.lastTick();
    await this.expect(`${count} more cycles`, () => this.runs.lastTick() >= from + count);
  }

  /** Waits for a condition; a failure shows what the daemon printed. */
  async expect(what: string, condition: () => boolean, seconds = this.#patienceSeconds): Promise<void> {
    try {
      await until(what, condition, seconds);
    } catch (error) {
      const output = this.#run?.output().slice(-12000) ?? '';
      throw new Error(`not within ${seconds} s: ${what}; the daemon printed:\n${output}`, { cause: error });
    }
  }

  /** Pretends that memory runs out, and waits for so many cycles that found it so. */
  async emergency(cycles = 4): Promise<void> {
    const from = this.runs.lastTick();
    this.memory.runOut();
    await this.expect(`${cycles} cycles short of memory`, () => this.shortCycles(from) >= cycles);
  }

  /** Lets these containers, which the daemon has seen, take their memory, and waits until it has seen that, too. */
  async fill(...ids: readonly string[]): Promise<void> {
    const heldBy = (id: string) => {
      const newest = this.runs.query(
        `SELECT mem_percent FROM container_sample AS s JOIN container AS c ON c.key = s.container
         WHERE c.id = ? ORDER BY s.at DESC LIMIT 1`,
        id,
      );
      return Number(newest[0]?.['mem_percent'] ?? -1);
    };
    await this.expect('the containers are seen', () => ids.every((id) => heldBy(id) >= 0));
    for (const id of ids) docker('exec', id, 'touch', '/go');
    await this.expect('they hold memory', () => ids.every((id) => heldBy(id) > 1.9));
  }

  /** How many cycles after this one read less available memory than the threshold. */
  shortCycles(tick: number): number {
    const short = this.runs.query(
      'SELECT count(*) AS n FROM cycle JOIN host_sample USING (at) WHERE tick > ? AND available_kb < ?',
      tick,
      this.memory.thresholdKb,
    );
    return Number(short[0]?.['n']);
  }

  /** What was planned for a container, or started. */
  actions(id: string, kind = '%', result = '%'): Row[] {
    return this.runs.query(
      'SELECT * FROM action WHERE container_id = ? AND kind LIKE ? AND result LIKE ? ORDER BY id',
      ...[id, kind, result],
    );
  }

  /** The parameters of every notice and fault with this code. */
  notices(code: string): Record<string, unknown>[] {
    return this.runs
      .query('SELECT message_code FROM fault WHERE message_code IS NOT NULL')
      .map((row) => JSON.parse(String(row['message_code'])))
      .filter((reason) => reason.code === code);
  }

  /** What kind of container the daemon took it for in its newest cycle. */
  kindOf(id: string): unknown {
    return this.runs.query('SELECT kind FROM container WHERE id = ?', id)[0]?.['kind'];
  }

  /** Ends the daemon as an operator does. */
  async stop(): Promise<void> {
    const code = await this.#run?.end();
    assert.equal(code, 0, this.#run?.output() ?? '');
  }

  async kill(): Promise<void> {
    await this.#run?.end('SIGKILL');
  }

  end(): void {
    this.runs.end();
    this.memory[Symbol.dispose]();
  }
}

/** Starts a container of the test's image; its class follows from what it uses. Returns its ID. */
export function box(
  name: string,
  labels: Readonly<Record<string, string>>,
  script: string,
  ...flags: readonly string[]
): string {
  const labelFlags = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  const program = ['sh', '-c', script];
  return docker(
    'run',
    '--detach',
    '--network',
    'none',
    '--name',
    name,
    ...labelFlags,
    ...flags,
    BOX,
    ...program,
  );
}

/** Only what is compared: whole descriptions of hundreds of containers are too long. */
const FACTS = [
  '{"id":{{json .Id}},"state":{{json .State}},"restartCount":{{.RestartCount}},"mounts":{{json .Mounts}},',
  '"cpuQuota":{{.HostConfig.CpuQuota}},"cpuPeriod":{{.HostConfig.CpuPeriod}}}',
].join('');

/** What the engine says about these containers, in this order; fails when one does not exist. */
export function factsOfAll(ids: readonly string[]): Facts[] {
  if (ids.length === 0) return [];
  return lines(docker('inspect', '--type', 'container', '--format', FACTS, ...ids)).map((line): Facts => {
    const { state, mounts, ...rest } = JSON.parse(line);
    return {
      ...rest,
      status: state.Status,
      running: state.Running,
      pid: state.Pid,
      startedAt: state.StartedAt,
      exitCode: state.ExitCode,
      volumes: mounts.flatMap(({ Name }: { Name?: string }) => Name ?? []),
    };
  });
}

/** A script that holds so much memory once `fill` tells it to: the daemon sees it grow. */
export const holdOnceTold = (mib: number): string =>
  `while [ ! -e /go ]; do sleep 0.1; done; exec behave hold ${mib}`;

/** What the engine says about this container; fails when it does not exist. */
export function factsOf(id: string): Facts {
  const [facts] = factsOfAll([id]);
  assert.ok(facts);
  return facts;
}

/** Asserts that every container is in the same run as before and has the same limits. */
export function assertUntouched(before: readonly Facts[]): void {
  assert.deepEqual(
    before.map(({ id }) => factsOf(id)),
    before,
  );
}

/** Fails when the engine does not know the volume. */
export const assertVolume = (name: string | undefined): string => docker('volume', 'inspect', name ?? '');

/** What the engine did to a container since `since` (seconds), as `kill 15` and `die 0`. */
export function eventsOf(id: string, since: number): string[] {
  const until = String(Math.ceil(Date.now() / 1000) + 1);
  const found = docker(
    ...['events', '--since', String(since), '--until', until, '--filter', `container=${id}`],
    ...['--format', '{{json .}}'],
  );
  return lines(found).flatMap((line) => {
    const { Action: action, Actor: actor } = JSON.parse(line);
    if (action === 'kill') return `kill ${actor.Attributes.signal}`;
    return action === 'die' ? `die ${actor.Attributes.exitCode}` : [];
  });
}

export const lines = (text: string): string[] => text.split('\n').filter(Boolean);

/** Compiles behave.c. Returns the path. */
export function buildBehave(path: string): string {
  execFileSync('gcc', ['-O1', '-static', '-pthread', '-o', path, join(import.meta.dirname, 'behave.c')]);
  return path;
}

/** `hasCompiler`: where there is none, the images come without `behave`. */
export function importImages(hasCompiler = true): void {
  const root = mkdtempSync('/var/tmp/vigia-box-');
  try {
    mkdirSync(join(root, 'bin'));
    copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
    execFileSync('chmod', ['755', root, join(root, 'bin/busybox')]);
    for (const name of PROGRAMS) symlinkSync('busybox', join(root, 'bin', name));
    if (hasCompiler) buildBehave(join(root, 'bin/behave'));
    const load = 'tar -C "$0" -c . | docker import --change "$1" - "$2"';
    execFileSync('sh', ['-c', load, root, 'ENV PATH=/bin', BOX]);
    execFileSync('sh', ['-c', load, root, 'CMD ["/bin/sh", "-c", "exit 3"]', CRASH]);
  } finally {
    rmSync(root, { recursive: true });
  }
}
