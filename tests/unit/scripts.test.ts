import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ActionContext } from '../../daemon/src/act/action-context.ts';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { realClock } from '../../daemon/src/app/real-clock.ts';
import { scriptRecorder } from '../../daemon/src/app/recorder.ts';
import { runLoop } from '../../daemon/src/app/run-loop.ts';
import { eventBefore, eventsOf } from '../../daemon/src/app/script-events.ts';
import { hostCgroups } from '../../daemon/src/engine/host-cgroups.ts';
import { Scripts } from '../../daemon/src/host/scripts.ts';
import type { Action, Decision, Outcome } from '../../daemon/src/model/decision.ts';
import type { Engine } from '../../daemon/src/model/engine.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { Reason } from '../../daemon/src/model/reason.ts';
import type { ScriptEvent, ScriptRun } from '../../daemon/src/model/script.ts';
import { openForReading, openForWriting } from '../../daemon/src/record/database.ts';
import { readScriptRuns } from '../../daemon/src/record/script-runs.ts';
import { config, decisionOn, english, idOf, SECOND_NS, snapshot } from './builders.ts';
import { hasDied } from './processes.ts';

const CONFIG = config();

function hooks(t: TestContext, timeoutSeconds = 20) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-scripts-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const directory = join(dir, 'hooks.d');
  mkdirSync(directory, { mode: 0o755 });
  const runs: ScriptRun[] = [];
  const scripts = new Scripts({ directory, timeoutSeconds }, (run) => runs.push(run));
  const add = (event: string, name: string, body: string, mode = 0o755): string => {
    const path = join(directory, event, name);
    mkdirSync(join(directory, event), { recursive: true, mode: 0o755 });
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, mode);
    return path;
  };
  /** Waits until this many runs have ended. */
  const until = async (count: number): Promise<ScriptRun[]> => {
    const deadline = performance.now() + 60_000;
    while (runs.length < count) {
      assert.ok(performance.now() < deadline, `${runs.length} of ${count} have ended`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return runs;
  };
  return { dir, directory, scripts, runs, add, until };
}

const EVENT: ScriptEvent = {
  event: 'removed',
  tick: 7,
  at: 1_800_000_000_123,
  actions: [],
  before: { low: 4, high: 2, unknown: 0 },
  after: { low: 3, high: 2, unknown: 0 },
  faults: [],
  memory: null,
};

test('a script gets the event on its standard input, and its output is recorded', async (t) => {
  const { dir, scripts, add, until } = hooks(t);
  const path = add(
    'removed',
    '10-tell',
    'cat > "$(dirname "$0")/../../told"; echo "on $1 $VIGIA_EVENT"; echo oh >&2',
  );
  add('started', '10-other', 'echo never');
  scripts.queue(EVENT);
  const [run] = await until(1);
  assert.deepEqual(JSON.parse(readFileSync(join(dir, 'told'), 'utf8')), EVENT);
  assert.equal(run?.script, path);
  assert.deepEqual([run?.result, run?.exitCode, run?.tick], ['done', 0, 7]);
  assert.deepEqual(run?.output.split('\n').sort(), ['', 'oh', 'on removed removed']);
});

test('a slow script is killed with its child processes and does not delay the others', async (t) => {
  const { dir, scripts, add, until } = hooks(t, 5);
  add(
    'removed',
    '10-slow',
    `trap '' TERM\nsleep 300 & echo $! > ${join(dir, 'child')}\necho begun\nwait; sleep 300`,
  );
  add('removed', '20-quick', 'echo quick');
  scripts.queue(EVENT);
  const runs = await until(2);
  assert.deepEqual(
    runs.map(({ result, output }) => `${result} ${output.trim()}`),
    ['done quick', 'killed begun'],
  );
  const child = Number(readFileSync(join(dir, 'child'), 'utf8'));
  assert.ok(await hasDied(child), 'its child process has ended');
});

test('a script that fails, cannot be executed or reads nothing gives a result, never an error', async (t) => {
  const { scripts, add, until } = hooks(t);
  add('removed', '10-fails', 'echo "no route to host" >&2; exit 3');
  const broken = add('removed', '20-no-interpreter', '');
  writeFileSync(broken, '#!/no/such/interpreter\n');
  add('removed', '30-loud', 'exec 0<&-; head -c 1000000 /dev/zero | tr "\\0" x');
  add('removed', '40-daemon', 'sleep 30 & exit 0');
  const big = {
    ...EVENT,
    faults: Array(2000).fill({ sensor: 'host', message: 'x'.repeat(100), blind: false }),
  };
  scripts.queue(big);
  const runs = (await until(4)).toSorted((a, b) => (a.script < b.script ? -1 : 1));
  assert.deepEqual(
    runs.map(({ result, exitCode }) => [result, exitCode]),
    [
      ['failed', 3],
      ['failed', 127],
      ['done', 0],
      ['done', 0],
    ],
  );
  assert.match(runs[0]?.output ?? '', /no route to host/);
  assert.equal(runs[2]?.output.length, 4096);
});

test('of many events two run at once, forty wait, and the rest are recorded as dropped', async (t) => {
  const { dir, scripts, add, until } = hooks(t);
  const log = join(dir, 'log');
  add('removed', '10-count', `echo + >> ${log}; sleep 0.02; echo - >> ${log}`);
  for (let i = 0; i < 200; i += 1) scripts.queue({ ...EVENT, tick: i });
  const runs = await until(200);
  const count = (expected: string) => runs.filter(({ result }) => result === expected).length;
  assert.deepEqual([count('done'), count('dropped')], [42, 158]);
  let [now, most] = [0, 0];
  for (const line of readFileSync(log, 'utf8').trim().split('\n')) {
    now += line === '+' ? 1 : -1;
    most = Math.max(most, now);
  }
  assert.ok(most <= 2, `${most} at once`);
});

test('a script that others may write, of another owner, or a link is refused; backup files are ignored', async (t) => {
  const { directory, scripts, runs, add, until } = hooks(t);
  add('removed', '10-loose', 'echo run', 0o757);
  const foreign = add('removed', '20-foreign', 'echo run');
  chownSync(foreign, 65_534, 65_534);
  symlinkSync('/bin/true', join(directory, 'removed', '30-link'));
  add('removed', '40-not-executable', 'echo run', 0o644);
  add('removed', '50-old.dpkg-dist', 'echo run');
  add('removed', '60-editor~', 'echo run');
  scripts.queue(EVENT);
  await until(3);
  assert.deepEqual(
    runs.map(({ result }) => result),
    ['refused', 'refused', 'refused'],
  );
  assert.match(
    runs.map(({ refusal }) => english(refusal)).join('\n'),
    /users other than its owner can change it.*chmod go-w[\s\S]*owned by user 65534[\s\S]*link could point/,
  );
  chmodSync(join(directory, 'removed'), 0o777);
  scripts.queue(EVENT);
  assert.equal(runs.length, 4, 'the directory as a whole');
  assert.equal(runs[3]?.script, join(directory, 'removed'));
  scripts.queue({ ...EVENT, event: 'emergency' });
  assert.equal(runs.length, 4, 'an event without scripts');
});

test('a script in a directory that others could replace is refused', async (t) => {
  const { dir, directory, scripts, runs, add } = hooks(t);
  add('removed', '10-fine', 'echo run');
  chmodSync(dir, 0o777);
  scripts.queue(EVENT);
  assert.deepEqual(
    runs.map(({ script, result }) => [script, result]),
    [[dir, 'refused']],
  );
  assert.equal(statSync(directory).mode & 0o777, 0o755);
});

test('the owner of a sticky directory above the scripts could replace them, so they are refused', async (t) => {
  const { dir, scripts, runs, add, until } = hooks(t);
  add('removed', '10-fine', 'echo run');
  chmodSync(dir, 0o1777);
  scripts.queue(EVENT);
  assert.deepEqual(
    (await until(1)).map(({ result }) => result),
    ['done'],
    'root owns it: others rename only what is theirs',
  );
  chownSync(dir, 65_534, 65_534);
  scripts.queue(EVENT);
  assert.deepEqual([runs[1]?.script, runs[1]?.result], [dir, 'refused']);
});

test('a script is checked again right before it starts, since it may have waited', async (t) => {
  const { dir, directory, scripts, add, until } = hooks(t);
  const go = join(dir, 'go');
  for (const name of ['10-first', '20-second'])
    add('removed', name, `until [ -e ${go} ]; do sleep 0.01; done`);
  add('removed', '30-waits', 'echo run');
  scripts.queue(EVENT);
  renameSync(directory, join(dir, 'old'));
  mkdirSync(join(directory, 'removed'), { recursive: true });
  const evil = add('removed', '30-waits', 'echo evil');
  chownSync(evil, 65_534, 65_534);
  writeFileSync(go, '');
  const runs = await until(3);
  assert.deepEqual(
    runs.map(({ script, result, output }) => [script, result, output]).find(([script]) => script === evil),
    [evil, 'refused', ''],
  );
});

const ASKED: ScriptEvent = { ...EVENT, event: 'before-restart' };
const NEVER = new AbortController().signal;

test('a script that is asked before a restart vetoes it by its exit code, and the ones after it are not asked', async (t) => {
  const { scripts, runs, add } = hooks(t);
  assert.equal(await scripts.ask(ASKED, NEVER), null, 'without scripts');
  add('before-restart', '10-fine', 'exit 0');
  assert.equal(await scripts.ask(ASKED, NEVER), null);
  const veto = add('before-restart', '20-no', 'cat >/dev/null; echo "the backup is running"; exit 1');
  add('before-restart', '30-late', 'exit 1');
  runs.length = 0;
  assert.equal(await scripts.ask(ASKED, NEVER), veto);
  assert.deepEqual(
    runs.map(({ result, exitCode, output }) => [result, exitCode, output]),
    [
      ['done', 0, ''],
      ['vetoed', 1, 'the backup is running\n'],
    ],
  );
});

test('a script that is broken, refused, too slow or interrupted by an emergency has no say', async (t) => {
  const { scripts, runs, add } = hooks(t, 0.2);
  add('before-restart', '10-slow', 'sleep 300; exit 1');
  writeFileSync(add('before-restart', '20-broken', ''), '#!/no/such/interpreter\n');
  add('before-restart', '30-loose', 'exit 1', 0o777);
  add('before-restart', '40-killed', 'kill -9 $$');
  assert.equal(await scripts.ask(ASKED, NEVER), null);
  assert.deepEqual(
    runs.map(({ result }) => result),
    ['killed', 'failed', 'refused', 'failed'],
  );
  runs.length = 0;
  const emergency = new AbortController();
  const asking = scripts.ask(ASKED, emergency.signal);
  emergency.abort();
  assert.equal(await asking, null);
});

test('a restart that a script vetoes is skipped, and the engine is not asked', async () => {
  const target = { id: idOf(1), name: 'db', level: null, pid: 1 } as const;
  const because = { code: 'message', text: '' } as const;
  const restart: Action = { ...target, kind: 'restart', urgency: 'grace', isThrottled: false, because };
  const stop: Action = { ...target, kind: 'stop', because };
  const engine = new Proxy({} as Engine, { get: (_, call) => () => assert.fail(String(call)) });
  const asked: string[] = [];
  const context: ActionContext = {
    ...{ engine, clock: realClock, config: CONFIG, cgroups: hostCgroups },
    ask: async ({ kind }) => {
      asked.push(kind);
      return '/hooks/20-no';
    },
  };
  const plan = { kind: 'act', actions: [restart, stop], candidates: [] } as const;
  const outcomes = await carryOutPlan(context, plan, snapshot([]), []);
  assert.deepEqual(
    outcomes.map(({ result, detail }) => [result, detail]),
    [
      ['skipped', { code: 'vetoed', script: '/hooks/20-no' }],
      ['skipped', { code: 'vetoed', script: '/hooks/20-no' }],
    ],
  );
  assert.deepEqual(asked, ['restart', 'stop']);
  const [event] = [eventBefore(restart, snapshot([]), { low: 0, high: 0, unknown: 0 })];
  assert.deepEqual([event.event, event.actions[0]?.result], ['before-restart', 'planned']);
});

test('when memory runs out, no script is asked any more', async () => {
  const because = { code: 'message', text: '' } as const;
  const stop: Action = { id: idOf(1), name: 'db', level: null, pid: 1, kind: 'stop', because };
  const context: ActionContext = {
    ...{ engine: {} as Engine, clock: realClock, config: CONFIG, cgroups: hostCgroups },
    ask: () => assert.fail('asked'),
  };
  const plan = { kind: 'act', actions: [stop], candidates: [] } as const;
  const [outcome] = await carryOutPlan(context, plan, snapshot([]), [], AbortSignal.abort());
  assert.equal(outcome?.detail.code, 'preempted');
});

test('at the end waiting scripts are dropped and running ones are awaited', async (t) => {
  const { scripts, runs, add } = hooks(t);
  add('removed', '10-some', 'sleep 0.2; echo finished');
  for (let i = 0; i < 5; i += 1) scripts.queue(EVENT);
  await scripts[Symbol.asyncDispose]();
  assert.deepEqual(
    runs.map(({ output }) => output),
    ['finished\n', 'finished\n'],
  );
});

test('results of scripts are recorded, and failures are logged', (t) => {
  const { dir } = hooks(t);
  const db = openForWriting(join(dir, 'vigia.db'), (message) => assert.fail(message));
  const messages: string[] = [];
  const write = scriptRecorder(db, (message) => messages.push(message));
  const run: ScriptRun = {
    event: 'removed',
    tick: 7,
    at: EVENT.at,
    script: '/x',
    result: 'done',
    exitCode: 0,
    output: 'ok',
    refusal: null,
    tookMs: 3,
  };
  write(run);
  write({ ...run, result: 'failed', exitCode: 3, output: 'no route\n' });
  assert.deepEqual(
    readScriptRuns(db, 5).map((row) => [row['result'], row['exit_code'], row['at']]),
    [
      ['failed', 3, 1_800_000_000],
      ['done', 0, 1_800_000_000],
    ],
  );
  assert.deepEqual(messages, ['script /x on removed: failed: no route']);
  db.close();
  assert.doesNotThrow(() => write(run), 'a database that cannot be written');
});

const SHORT: Reason = { code: 'memory-short', available: 4, threshold: 5 };
const FOR_MEMORY: Reason = { code: 'evict-for-memory', emergency: SHORT, holds: 30, next: null };
const KILL: Reason = {
  code: 'kill-for-memory',
  emergency: SHORT,
  holds: 30,
  culprit: { code: 'no-culprit' },
};

test('an event is sent for each action, and for a state when it begins', () => {
  const counts = { low: 3, high: 2, unknown: 0 };
  const base = decisionOn(snapshot([]), { before: counts, after: counts });
  const names = (decision: Decision, before: Decision | null = base) =>
    eventsOf(decision, before, CONFIG).map(({ event }) => event);
  assert.deepEqual(names(base, null), []);
  const removal = {
    kind: 'remove',
    id: idOf(1),
    name: 'c1',
    level: 'high',
    pid: 1,
    urgency: 'now',
    isThrottled: false,
    isReplaced: false,
    because: FOR_MEMORY,
  } as const;
  const outcome = (result: Outcome['result'], because: Reason = FOR_MEMORY): Outcome => ({
    action: { ...removal, because },
    result,
    detail: { code: 'message', text: '' },
    id: idOf(1),
    tookMs: 1,
  });
  const killed = { ...base, outcomes: [outcome('done'), outcome('failed')] };
  assert.deepEqual(names(killed, killed), ['removed', 'emergency', 'failed']);
  assert.equal(eventsOf(killed, null, CONFIG)[0]?.actions.length, 1);
  // A storm of processes is ended at once too, and is no emergency of memory.
  const storm: Reason = { code: 'kill-for-storm', breach: { code: 'message', text: '' } };
  assert.deepEqual(names({ ...base, outcomes: [outcome('done', storm)] }), ['removed']);
  const short = { ...base, after: { low: 2, high: 2, unknown: 0 } };
  assert.deepEqual([names(short), names(short, short)], [['floor-violated'], []]);
  const blind = {
    ...base,
    after: { low: 0, high: 0, unknown: 0 },
    snapshot: snapshot([], {
      faults: [{ sensor: 'engine', reason: { code: 'message', text: 'gone' }, blind: true }],
    }),
  };
  assert.deepEqual(
    [names(blind), names(blind, blind), names(blind, null)],
    [['sensor-lost'], [], ['sensor-lost']],
  );
  const aside = (count: number, asideUntilNs: number): Decision => ({
    ...base,
    history: {
      ...NO_HISTORY,
      removalFailures: new Map([[idOf(1), { count, asideUntilNs, hasBegun: false }]]),
    },
  });
  const [open, past, failing] = [aside(3, 2000 * SECOND_NS), aside(3, 900 * SECOND_NS), aside(2, 0)];
  assert.deepEqual(
    [names(open), names(open, open), names(open, past)],
    [['breaker-open'], [], ['breaker-open']],
  );
  assert.deepEqual([names(past), names(failing)], [[], []]);
});

test('each kind of action has its event', () => {
  const base = decisionOn(snapshot([]), { after: { low: 3, high: 2, unknown: 0 } });
  const because = { code: 'message', text: '' } as const;
  const target = { id: idOf(1), name: 'c1', level: null, pid: 1, because } as const;
  const run = { startNs: SECOND_NS, cgroup: '/docker/1', isEngineSilent: false };
  const actions: readonly (readonly [Action, string[]])[] = [
    [{ ...target, kind: 'throttle', to: 25 }, ['throttled']],
    [{ ...target, kind: 'squeeze', to: 9000 }, ['limited']],
    [{ ...target, kind: 'limit-pids', to: 20 }, ['limited']],
    [{ ...target, kind: 'limit-io', to: 50 }, ['limited']],
    [{ ...target, kind: 'release', limit: 'memory' }, ['released']],
    [{ ...target, kind: 'restart', urgency: 'grace', isThrottled: false }, ['restarted']],
    [{ ...target, kind: 'stop' }, ['stopped']],
    [{ ...target, ...run, kind: 'kill', because: KILL }, ['emergency']],
    [{ kind: 'start', level: 'low', image: 'vigia/idle', because }, ['started']],
  ];
  for (const [action, expected] of actions) {
    const events = (result: Outcome['result']) => {
      const outcome: Outcome = { action, result, detail: because, id: idOf(1), tookMs: 1 };
      return eventsOf({ ...base, outcomes: [outcome] }, base, CONFIG);
    };
    assert.deepEqual(
      events('done').map(({ event }) => event),
      expected,
    );
    assert.deepEqual(events('done')[0]?.actions[0]?.becauseCode, action.because);
    const isEmergency = action.kind === 'kill';
    assert.deepEqual(
      events('failed').map(({ event }) => event),
      isEmergency ? ['emergency', 'failed'] : ['failed'],
    );
  }
});

test('in the daemon an engine that does not answer is an event, and its script runs beside the loop', async (t) => {
  const { dir, directory, add } = hooks(t);
  add('sensor-lost', '10-tell', 'echo "lost: $(cat)"');
  add('sensor-lost', '20-slow', 'sleep 60');
  const database = join(dir, 'vigia.db');
  const end = new AbortController();
  const messages: string[] = [];
  const logger = { info: () => {}, warn: (message: string) => messages.push(message) };
  const umask = process.umask();
  const settings = config({
    database,
    sensor: 'procfs',
    cycleSeconds: 1,
    docker: { socket: join(dir, 'no-engine.sock'), timeoutSeconds: 60 },
    scripts: { directory, timeoutSeconds: 5 },
  });
  const running = runLoop({ current: () => settings, revision: 0, done: () => {} }, logger, end.signal);
  const deadline = performance.now() + 60_000;
  const rows = () => {
    const db = openForReading(database);
    const found = {
      runs: readScriptRuns(db, 9),
      cycles: db.prepare('SELECT count(*) AS n FROM cycle').get()?.['n'],
    };
    db.close();
    return found;
  };
  while (!existsSync(database) || rows().runs.length < 2) {
    assert.ok(performance.now() < deadline, messages.join('\n'));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  end.abort();
  await running;
  process.umask(umask);
  const { runs, cycles } = rows();
  const [quick, slow, ...more] = runs.toSorted((a, b) =>
    String(a['script']) < String(b['script']) ? -1 : 1,
  );
  assert.deepEqual([quick?.['result'], slow?.['result'], more], ['done', 'killed', []]);
  assert.match(String(quick?.['output']), /^lost: \{"event":"sensor-lost","tick":1,.*no-engine\.sock/);
  assert.ok(Number(cycles) >= 2, `${cycles} cycles: the slow script delayed none`);
});
