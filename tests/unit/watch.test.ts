import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FirstAid } from '../../daemon/src/app/first-aid.ts';
import { LiveWatch } from '../../daemon/src/app/live-watch.ts';
import { giveAid } from '../../daemon/src/loop/aid.ts';
import { Lookout } from '../../daemon/src/loop/lookout.ts';
import { cycle } from '../../daemon/src/loop/loop.ts';
import { Turn } from '../../daemon/src/loop/turn.ts';
import { Watch } from '../../daemon/src/loop/watch.ts';
import { watchHere } from '../../daemon/src/loop/watch-here.ts';
import type { Decision, Outcome, Plan } from '../../daemon/src/model/decision.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { Aid, Known, Word } from '../../daemon/src/model/memory-watch.ts';
import type { Snapshot } from '../../daemon/src/model/snapshot.ts';
import { VirtualTime } from '../../daemon/src/simulate/virtual-time.ts';
import {
  config,
  container,
  HOST,
  historyOf,
  idOf,
  SECOND_NS,
  snapshot,
  TOTAL_KB,
  usage,
} from './builders.ts';

const CONFIG = config();
const { memoryPressure } = NO_HISTORY;

/** A lookout in virtual time: when it reads, and what it says. `available`: KiB of 100 at each second. */
async function lookFor(
  seconds: number,
  available: (second: number) => number,
  pressure = memoryPressure,
): Promise<{ read: string[]; said: Word[] }> {
  const time = new VirtualTime();
  const clock = time.clockOf({ dead: false }, () => 0);
  const [read, said]: [string[], Word[]] = [[], []];
  const end = new AbortController();
  const lookout = new Lookout(
    {
      clock,
      pressure: () => {
        const second = clock.monotonicNs() / SECOND_NS;
        read.push(second.toFixed(3));
        return {
          ...{ monotonicNs: clock.monotonicNs(), totalKb: 100, memoryFullAvg10: null },
          availableKb: available(second),
        };
      },
      say: (word) => {
        said.push(word);
        end.abort();
      },
    },
    {
      number: 1,
      config: CONFIG,
      memoryPressure: { ...pressure, hasRecovered: pressure.coolDownUntilNs === 0 },
    },
  );
  const over = lookout.run(end.signal);
  await time.run(seconds * 1000, () => end.signal.aborted);
  end.abort();
  await over;
  return { read, said };
}

test('the lookout reads every second, more often while memory falls, and says when it runs out', async () => {
  const quiet = await lookFor(5.5, () => 50);
  assert.deepEqual([quiet.read.length, quiet.said], [5, []]);
  const short = await lookFor(60, (second) => 50 - 20 * second);
  // Memory is short at 2.25 s. Each interval is half of the time until then, and at least a tenth of a second.
  assert.deepEqual(short.read, ['1.000', '2.000', '2.125', '2.225', '2.325']);
  assert.deepEqual(
    short.said.map(({ kind, number }) => [kind, number]),
    [['alarm', 1]],
  );
  // While memory is short and no kill is allowed yet, the interval is not shortened.
  const waiting = await lookFor(10.5, (second) => 4 - second / 10, {
    ...memoryPressure,
    coolDownUntilNs: 60 * SECOND_NS,
  });
  assert.deepEqual([waiting.read.length, waiting.said], [10, []]);
});

test('what was found by an earlier judgement is no alarm', () => {
  const numbers: number[] = [];
  const watch = new Watch({ judge: ({ number }) => numbers.push(number) });
  watch.judge(CONFIG, memoryPressure);
  const first = watch.alarm;
  watch.judge(CONFIG, memoryPressure);
  watch.hear({ kind: 'alarm', number: 1, memoryPressure });
  assert.deepEqual([first.aborted, watch.alarm.aborted, numbers], [false, false, [1, 2]]);
  watch.hear({ kind: 'pressure', number: 2, memoryPressure: { ...memoryPressure, hasRecovered: true } });
  assert.deepEqual([watch.alarm.aborted, watch.memoryPressure.hasRecovered], [false, true]);
  watch.hear({ kind: 'alarm', number: 2, memoryPressure });
  assert.equal(watch.alarm.aborted, true);
});

test('an alarm reaches the loop whatever it awaits, and one is heard once a judgement', async () => {
  const time = new VirtualTime();
  const clock = time.clockOf({ dead: false }, () => 0);
  const end = new AbortController();
  let availableKb = 50;
  const pressure = () => ({
    monotonicNs: clock.monotonicNs(),
    totalKb: 100,
    availableKb,
    memoryFullAvg10: null,
  });
  const { watch, over } = watchHere({ clock, pressure }, CONFIG, end.signal);
  watch.judge(CONFIG, memoryPressure);
  await time.run(2000, () => false);
  assert.equal(watch.alarm.aborted, false);
  availableKb = 1;
  await time.run(3000, () => false);
  assert.equal(watch.alarm.aborted, true);
  watch.judge(CONFIG, memoryPressure);
  assert.equal(watch.alarm.aborted, false, 'a new judgement has not been looked by yet');
  await time.run(4000, () => false);
  assert.equal(watch.alarm.aborted, true);
  end.abort();
  await over;
});

test('one turn, one act: nobody acts while another does, nor by what was known before an act', () => {
  const turn = new Turn();
  const other = new Turn(turn.word);
  assert.deepEqual([turn.claim(0), other.claim(0), other.acts], [true, false, 0]);
  turn.release();
  assert.deepEqual([other.claim(0), turn.acts, other.claim(1)], [false, 1, true]);
  other.release();
  assert.equal(turn.acts, 2);
});

/** What the last cycle knew: a service that held little, and holds half of the memory `now`. */
function grownService(): { known: Known; now: Snapshot } {
  const service = (rssKb: number) =>
    container(1, {
      labels: { 'vigia.managed': 'true', 'vigia.allow': 'kill' },
      usage: usage({ pid: 1001, rssKb }),
    });
  const before = snapshot([service(1000)]);
  const now = snapshot([service(TOTAL_KB / 2)], {
    host: { ...HOST, availableKb: TOTAL_KB * 0.02 },
    monotonicNs: before.monotonicNs + SECOND_NS,
  });
  const held = new Map([[`container:${idOf(1)}`, [{ monotonicNs: 0, heldKb: 1000 }]]]);
  const history: History = { ...historyOf(before, () => 0), held };
  return { known: { history, snapshot: before, classifications: [] }, now };
}

const killed = (plan: Plan): readonly Outcome[] =>
  (plan.kind === 'act' ? plan.actions : []).map((action) => ({
    ...{ action, result: 'done', detail: { code: 'processes-killed' }, tookMs: 5 },
    id: action.kind === 'start' ? null : action.id,
  }));

const NONE = { keep: 0, trim: false, images: [] };
const ENFORCE = config({ mode: 'enforce', demo: false, quotas: { low: NONE, high: NONE } });
const JUDGEMENT = { number: 1, config: ENFORCE, memoryPressure };

test('aid ends the culprit and does nothing else; none while memory suffices, nor by what is old', async () => {
  const { known, now } = grownService();
  const acted: Plan[] = [];
  const ports = (seen: Snapshot) => ({
    look: () => seen,
    act: async (plan: Plan) => {
      acted.push(plan);
      return killed(plan);
    },
  });
  const aid = await giveAid(ports(now), JUDGEMENT, known);
  assert.deepEqual(
    aid?.outcomes.map(({ action }) => action.kind),
    ['kill'],
  );
  const enough = { ...now, host: HOST };
  const late = { ...now, monotonicNs: known.snapshot.monotonicNs + 61 * SECOND_NS };
  for (const seen of [enough, late]) assert.equal(await giveAid(ports(seen), JUDGEMENT, known), null);
  assert.equal(acted.length, 1);
});

test('aid is told before its turn is over, and given once by what is known; the loop may act first', async () => {
  const { known, now } = grownService();
  const events: string[] = [];
  const turn = new Turn();
  const aid = new FirstAid(
    turn,
    () => null,
    () => events.push(`told, ${turn.acts} acts`),
    {
      look: () => now,
      act: async (plan) => killed(plan),
    },
  );
  aid.prepare(known, 0);
  await aid.give({ judgement: JUDGEMENT });
  await aid.give({ judgement: JUDGEMENT });
  assert.deepEqual([events, turn.acts], [['told, 0 acts'], 1]);
  aid.prepare(known, 0);
  await aid.give({ judgement: JUDGEMENT });
  assert.equal(events.length, 1, 'what was known is from before the act');
  assert.ok(turn.claim(1));
  aid.prepare(known, 1);
  await aid.give({ judgement: JUDGEMENT });
  assert.equal(events.length, 1, 'the loop acts');
});

test('where aid finds nothing to do, the loop acts by what it knows', async () => {
  const { known } = grownService();
  const turn = new Turn();
  const aid = new FirstAid(
    turn,
    () => null,
    () => assert.fail(),
    { look: () => null },
  );
  aid.prepare(known, 0);
  await aid.give({ judgement: JUDGEMENT });
  assert.ok(turn.claim(0));
});

test('what the watch did is recorded with the next cycle, which waits for memory to come back', async () => {
  const { known, now } = grownService();
  const plan = await planOfAid(known, now);
  const aid: Aid = { now, memoryPressure, plan, outcomes: killed(plan) };
  const turn = new Turn();
  const given: Aid[] = [];
  const watch = new Watch({ judge() {}, aids: () => given.splice(0) }, turn);
  const recorded: Decision[] = [];
  const ports = {
    clock: { now: () => 0, monotonicNs: () => now.monotonicNs, sleep: async () => {} },
    // The reading of this cycle began before the act, which it outruns.
    sense: async (tick: number) => {
      if (tick === known.snapshot.tick) {
        assert.ok(turn.claim(0));
        given.push(aid);
        turn.release();
      }
      return { ...now, tick };
    },
    watch,
    act: async (its: Plan, _now: Snapshot, _classes: unknown, urgent: AbortSignal) => {
      if (urgent.aborted)
        return killed(its).map(
          (one) => ({ ...one, result: 'skipped', detail: { code: 'preempted' } }) as const,
        );
      return killed(its);
    },
    record: (decision: Decision) => recorded.push(decision),
    report: () => {},
  };
  const outrun = await cycle(ports, ENFORCE, known.history);
  assert.equal(outrun.memoryPressure.isPreempted, true);
  const next = await cycle(ports, ENFORCE, outrun);
  const results = recorded.map(({ outcomes }) =>
    outcomes.map(({ action, result }) => `${action.kind} ${result}`),
  );
  assert.deepEqual(results, [['kill skipped'], ['kill done']]);
  assert.ok(next.memoryPressure.coolDownUntilNs > now.monotonicNs);
  assert.ok(next.reliefs.has(idOf(1)), 'whether it helped will be asked');
});

async function planOfAid(known: Known, now: Snapshot): Promise<Aid['plan']> {
  const aid = await giveAid({ look: () => now, act: async () => [] }, JUDGEMENT, known);
  return aid?.plan ?? assert.fail('nothing was planned');
}

test('memory that is short only while the loop is stuck is noticed all the same', async (t) => {
  const proc = mkdtempSync(join(tmpdir(), 'vigia-watch-'));
  t.after(() => rmSync(proc, { recursive: true, force: true }));
  const meminfo = (kb: number) =>
    writeFileSync(join(proc, 'meminfo'), `MemTotal: 4000000 kB\nMemAvailable: ${kb} kB\n`);
  meminfo(2_000_000);
  await using live = new LiveWatch(config(), assert.fail, proc);
  const { watch } = live;
  watch.judge(config(), memoryPressure);
  // The thread has begun when it sees that memory recovers.
  while (!watch.memoryPressure.hasRecovered) await new Promise((resolve) => setImmediate(resolve));
  meminfo(10_000);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
  meminfo(2_000_000);
  assert.equal(watch.alarm.aborted, false, 'the loop was stuck');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(watch.alarm.aborted, true);
});
