import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { realClock } from '../../daemon/src/app/real-clock.ts';
import { BackOff } from '../../daemon/src/engine/back-off.ts';
import { DockerEngine } from '../../daemon/src/engine/docker-engine.ts';
import { hostCgroups } from '../../daemon/src/engine/host-cgroups.ts';
import { request } from '../../daemon/src/engine/unix-http.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Outcome } from '../../daemon/src/model/decision.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { SeenContainers } from '../../daemon/src/sense/seen-containers.ts';
import { sense } from '../../daemon/src/sense/sense.ts';
import { actionOf, DRAW, SPEC, type Spec } from './generated-containers.ts';
import { BOX, type Facts, factsOfAll, lines, OwnerHost } from './owner-host.ts';
import { docker, until } from './real-engine.ts';

/**
 * The executing side against a real engine: whatever a plan says, nothing is done to a container that its kind does not
 * allow. The containers and the plans are generated; VIGIA_SEED repeats a run.
 */
const CONTAINERS = 200;
const PLANS = 12;
const ACTIONS = 36;
const seed = Number(process.env['VIGIA_SEED'] ?? Date.now() % 1e9);

const host = new OwnerHost();
const records = mkdtempSync('/var/tmp/vigia-records-');
before(() => host.start());
after(async () => {
  host.clear();
  await host.remove();
  rmSync(records, { recursive: true, force: true });
});

interface Made {
  readonly spec: Spec;
  readonly id: string;
  readonly before: Facts;
}

/** Init: records the SIGTERM that it gets, and whether it had the time that it needed. */
const scriptOf = ({ state, flush }: Spec): string => {
  if (state === 'exited') return 'echo precious >/data/f; exit 0';
  if (state === 'restarting') return 'exit 1';
  return `echo precious >/data/f; echo start >>/record/log
    trap 'echo TERM >>/record/log; sleep ${flush}; echo flushed >>/record/log; exit 0' TERM
    while :; do sleep 1000 & wait $!; done`;
};

async function make(spec: Spec, index: number): Promise<string> {
  const { labels, state, volume, stopTimeout, restart, cpuLimit } = spec;
  const record = join(records, String(index));
  mkdirSync(record);
  const address = { socket: host.engine.socket, timeoutSeconds: 60 };
  const post = async (path: string, body?: object) => {
    const answer = await request(address, { method: 'POST', path, body });
    assert.ok(answer.status < 300, JSON.stringify(answer));
    return answer.body as { Id: string };
  };
  const policy = state === 'restarting' ? 'always' : state === 'exited' ? 'no' : restart;
  const { Id: id } = await post(`/containers/create?name=c${index}`, {
    ...{ Image: BOX, Cmd: ['sh', '-c', scriptOf(spec)], Labels: labels, Volumes: { '/none': {} } },
    ...(volume === 'anonymous' ? { Volumes: { '/data': {} } } : { Volumes: {} }),
    ...(stopTimeout !== null && { StopTimeout: stopTimeout }),
    HostConfig: {
      ...{ NetworkMode: 'none', RestartPolicy: { Name: policy } },
      Binds: [`${record}:/record`, ...(volume === 'named' ? [`volume${index}:/data`] : [])],
      ...(volume === 'none' && { Tmpfs: { '/data': '' } }),
      ...(cpuLimit !== null && { CpuPeriod: 100_000, CpuQuota: cpuLimit * 1000 }),
    },
  });
  if (state !== 'created') await post(`/containers/${id}/start`);
  return id;
}

async function inParallel<T, R>(items: readonly T[], size: number, work: (item: T, i: number) => Promise<R>) {
  const results: R[] = [];
  const waiting = items.entries();
  const next = async () => {
    for (const [i, item] of waiting) results[i] = await work(item, i);
  };
  await Promise.all(Array.from({ length: size }, next));
  return results;
}

test(`${CONTAINERS} generated containers under random plans (seed ${seed})`, async () => {
  using events = new Signals();
  const specs = fc.sample(SPEC, { numRuns: CONTAINERS, seed });
  const ids = await inParallel(specs, 6, make);
  const facts = allFacts();
  const made = specs.flatMap((spec, i): Made[] => {
    const before = facts.get(ids[i] ?? '');
    return before === undefined ? [] : [{ spec, id: before.id, before }];
  });
  assert.equal(made.length, CONTAINERS);

  const engine = new DockerEngine({ socket: host.engine.socket, timeoutSeconds: 15 });
  const sources = {
    ...{ sensor: new Procfs(), engine, backOff: new BackOff(), clock: realClock, seen: new SeenContainers() },
  };
  const config = { ...DEFAULTS, mode: 'enforce', act: { ...DEFAULTS.act, stopSeconds: 1 } } as const;
  const context = { engine, cgroups: hostCgroups, clock: realClock, config };
  // Half of the plans are made from a reading that is long out of date.
  const first = await sense(sources, 1);
  const plans = fc.sample(fc.array(DRAW, { minLength: ACTIONS, maxLength: ACTIONS }), {
    ...{ numRuns: PLANS, seed },
  });
  const outcomes = await inParallel(plans, 3, async (draws, i) => {
    const snapshot = i % 2 === 0 ? first : await sense({ ...sources, seen: new SeenContainers() }, i);
    const actions = draws.map((draw) => actionOf(draw, snapshot));
    return carryOutPlan(context, { kind: 'act', candidates: [], actions }, snapshot, []);
  });
  const done = outcomes.flat().filter(({ result }) => result === 'done');
  await assertHarmless(made, done, events);
});

/** Asserts what the engine and the containers themselves say after all plans. */
async function assertHarmless(
  made: readonly Made[],
  done: readonly Outcome[],
  events: Signals,
): Promise<void> {
  const actsOn = (id: string) => done.flatMap(({ action, id: target }) => (target === id ? action.kind : []));
  const recordOf = (i: number) => linesOf(join(records, String(i), 'log'));
  const isEnding = ({ spec, id }: Made, i: number) =>
    spec.kind === 'service' && !actsOn(id).includes('kill') && recordOf(i).at(-1) === 'TERM';
  await until('what was asked to stop has ended', () => !made.some(isEnding), 60);

  const facts = allFacts();
  const kills = events.received();
  for (const [i, { spec, id, before }] of made.entries()) {
    const acts = actsOn(id);
    const signals = kills.get(id) ?? [];
    const what = `${spec.kind} c${i}, ${acts}, signals ${signals}: ${JSON.stringify(spec)}`;
    const ran = spec.state === 'running' || spec.state === 'exited';
    if (spec.volume === 'named' && ran) assertKept(`volume${i}`, what);
    if (spec.kind === 'disposable') continue;
    const now = facts.get(id);
    assert.ok(now, `removed: ${what}`);
    for (const volume of before.volumes) if (ran) assertKept(volume, what);
    if (spec.cpuLimit !== null || spec.kind !== 'service')
      assert.deepEqual([now.cpuQuota, now.cpuPeriod], [before.cpuQuota, before.cpuPeriod], what);
    if (spec.kind !== 'service') {
      // Lifting a limit of ours is allowed on everybody's.
      assert.deepEqual([...acts.filter((kind) => kind !== 'release'), ...signals], [], what);
      if (spec.state === 'running' || spec.state === 'created') assert.deepEqual(now, before, what);
    } else if (acts.includes('kill')) {
      assert.match(spec.labels['vigia.allow'] ?? 'kill', /kill/, what);
    } else {
      assert.ok(!signals.includes('9'), `SIGKILL: ${what}`);
      const runs = recordOf(i).join(' ').split('start');
      const isCut = (run: string) =>
        run.includes('TERM') && !run.endsWith('flushed') && !run.endsWith('flushed ');
      assert.deepEqual(runs.filter(isCut), [], `not given its time: ${what}`);
    }
  }
  assertServed(made, done, events);
}

/** Asserts that the plans were no empty threat. */
function assertServed(made: readonly Made[], done: readonly Outcome[], events: Signals): void {
  const kindOf = new Map(made.map(({ id, spec }) => [id, spec.kind]));
  const counts = new Map<string, number>();
  for (const { action, id } of done) {
    const key = `${action.kind} of ${kindOf.get(id ?? '')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  console.log(`# done: ${JSON.stringify(Object.fromEntries([...counts].sort()))}`);
  assert.ok(events.received().size > 0, 'the engine told of its signals');
  const needed = ['remove of disposable', 'restart of service', 'kill of service', 'throttle of service'];
  for (const key of needed) assert.ok((counts.get(key) ?? 0) >= 2, key);
}

const linesOf = (path: string): string[] => (existsSync(path) ? lines(readFileSync(path, 'utf8')) : []);

const allFacts = (): Map<string, Facts> =>
  new Map(
    factsOfAll(lines(docker('ps', '--all', '--quiet', '--no-trunc'))).map((facts) => [facts.id, facts]),
  );

/** Asserts that a volume exists and has what its container wrote. */
function assertKept(volume: string, what: string): void {
  const file = join(host.engine.directory, 'data/volumes', volume, '_data/f');
  assert.deepEqual(linesOf(file), ['precious'], `volume ${volume}: ${what}`);
}

/** The signals that each container gets from now on: those that the engine sends, and SIGKILLs of anybody. */
class Signals implements Disposable {
  readonly #events: ChildProcess;
  #lines = '';

  constructor() {
    // The engine remembers only its last 256 events.
    const fields = ['.Action', '.Actor.ID', '.Actor.Attributes.signal', '.Actor.Attributes.exitCode'];
    const format = fields.map((field) => `{{${field}}}`).join(' ');
    const filters = ['type=container', 'event=kill', 'event=die'].flatMap((one) => ['--filter', one]);
    this.#events = spawn('docker', ['events', ...filters, '--format', format]);
    this.#events.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#lines += chunk;
    });
  }

  received(): Map<string, string[]> {
    const signals = new Map<string, string[]>();
    for (const line of lines(this.#lines)) {
      const [action, id = '', sent, code] = line.replaceAll('<no value>', '-').split(' ');
      const signal = action === 'kill' ? sent : code === '137' ? '9' : undefined;
      if (signal !== undefined) signals.set(id, [...(signals.get(id) ?? []), signal]);
    }
    return signals;
  }

  [Symbol.dispose](): void {
    this.#events.kill();
  }
}
