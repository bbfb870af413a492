// The simulation must be able to fail: each of these bugs is put into a copy of the source and must be caught.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Invariant } from '../../daemon/src/simulate/invariant-checker.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Bug {
  readonly name: string;
  readonly caughtBy: Invariant;
  /** Each file with its correct text and the wrong text that replaces it. */
  readonly edits: readonly (readonly [file: string, right: string, wrong: string])[];
  readonly scenario?: string;
  /** The bug shows only in a simulation without faults. */
  readonly calm?: boolean;
}

const BUGS: readonly Bug[] = [
  {
    name: 'a floor is ignored in the plan and in the recheck',
    caughtBy: 'floor',
    edits: [
      [
        'decide/rank-for-trimming.ts',
        'surplusOf(quota, members.length);',
        'surplusOf(quota, members.length) + 1;',
      ],
      ['act/recheck.ts', 'if (level === null) return null;', 'if (level !== undefined) return null;'],
    ],
  },
  {
    name: 'a floor is ignored when several are removed at once, and filled again in the same plan',
    caughtBy: 'floor',
    calm: true,
    edits: [
      [
        'decide/rank-for-trimming.ts',
        'surplusOf(quota, members.length);',
        'surplusOf(quota, members.length); if (surplus > 1) surplus += 1;',
      ],
      ['act/recheck.ts', 'if (level === null) return null;', 'if (level !== undefined) return null;'],
    ],
  },
  {
    name: 'a floor is ignored in the recheck',
    caughtBy: 'floor',
    edits: [['act/recheck.ts', 'if (level === null) return null;', 'if (level !== undefined) return null;']],
  },
  {
    name: 'the recheck does not notice another run',
    caughtBy: 'same-run',
    edits: [['act/recheck.ts', 'return pid === now.pid ?', 'return pid !== -1 ?']],
  },
  {
    name: 'the class label is trusted',
    caughtBy: 'three-and-two',
    edits: [
      [
        'classify/classify.ts',
        "...applyClassLines(cpuPercent, usage.memPercent, before?.level ?? 'unknown', config),",
        "...applyClassLines(container.labels['vigia.class'] === 'high' ? 100 : 0, 0, before?.level ?? 'unknown', config),",
      ],
    ],
  },
  {
    name: 'a stale reading is used',
    caughtBy: 'good-reading',
    edits: [['decide/stale-reading.ts', 'now.monotonicNs >= askedNs', 'now.monotonicNs >= 0']],
  },
  {
    name: 'a blind reading is used',
    caughtBy: 'good-reading',
    edits: [['decide/decide.ts', 'if (blind.length > 0)', 'if (blind.length > 1)']],
  },
  {
    name: 'protection by label is forgotten',
    caughtBy: 'protected',
    edits: [['model/ownership.ts', "if (label !== undefined && label !== 'false')", "if (label === 'yes')"]],
  },
  {
    name: 'every container counts as managed',
    caughtBy: 'foreign',
    edits: [
      [
        'model/ownership.ts',
        "return container.labels[MANAGED_LABEL] === 'true';",
        "return container.name !== '';",
      ],
    ],
  },
  {
    name: 'the containers that use least are removed first',
    caughtBy: 'greedy-first',
    edits: [
      [
        'decide/rank-for-trimming.ts',
        '(b.score[i] ?? 0) - (a.score[i] ?? 0)',
        '(a.score[i] ?? 0) - (b.score[i] ?? 0)',
      ],
    ],
  },
  {
    name: 'only one removal a cycle',
    caughtBy: 'three-and-two',
    edits: [
      ['decide/decide.ts', 'rule(context, actions).filter(', 'rule(context, actions).slice(0, 1).filter('],
    ],
  },
  {
    name: 'a container that was just started is not counted, and another one is started',
    caughtBy: 'no-excess',
    edits: [['decide/rules/fill-shortage.ts', 'keep - present - expected', 'keep - present']],
  },
  {
    name: 'some containers are forgotten between cycles and never get a rate',
    caughtBy: 'second-snapshot',
    edits: [
      [
        'classify/remember.ts',
        'const result = results.get(id);',
        'const result = results.get(id); if (usage.pid % 7 === 0) continue;',
      ],
    ],
  },
  {
    name: 'ended containers are not removed',
    caughtBy: 'crowd',
    edits: [['decide/rules/remove-ended.ts', "state === 'exited' || state === 'dead'", "state === 'dead'"]],
  },
  {
    name: 'the watch never alarms: only cycles notice that memory is short',
    caughtBy: 'no-oom',
    scenario: 'hogs',
    calm: true,
    edits: [['loop/watch.ts', 'if (alarm !== null) return', 'if (alarm === undefined) return']],
  },
  {
    name: 'the watch reads too rarely',
    caughtBy: 'reaction',
    scenario: 'hogs',
    calm: true,
    edits: [['loop/watch.ts', 'waitMs = Math.min(watchMs, ', 'waitMs = Math.max(2 * watchMs, ']],
  },
  {
    name: 'small containers are killed for memory',
    caughtBy: 'culprit',
    scenario: 'hogs',
    edits: [['decide/rank-for-eviction.ts', 'share < COMPARABLE * largest', 'share > COMPARABLE * largest']],
  },
  {
    name: 'a throttled container is stopped before its limit is lifted',
    caughtBy: 'restored-first',
    scenario: 'spinners',
    edits: [['act/remove-container.ts', 'if (isThrottled &&', 'if (!isThrottled &&']],
  },
  {
    name: 'the grace period is ignored',
    caughtBy: 'patience',
    scenario: 'spinners',
    edits: [['decide/rules/climb-ladder.ts', '>= graceSeconds', '>= 0']],
  },
  {
    name: 'a container that keeps restarting is left alone',
    caughtBy: 'misbehaviour',
    scenario: 'patterns',
    edits: [['classify/patterns/flapping.ts', 'if (restarts < threshold)', 'if (restarts >= 0)']],
  },
  {
    name: 'a fork storm is not detected',
    caughtBy: 'misbehaviour',
    scenario: 'patterns',
    edits: [['classify/patterns/fork-storm.ts', 'if (processCount < least)', 'if (processCount >= 0)']],
  },
  {
    name: 'a throttled container is released because it uses little, although its limit causes that',
    caughtBy: 'no-oscillation',
    scenario: 'spinners',
    edits: [['classify/throttling.ts', 'config.classify.releaseRatio * config.soft.throttlePercent', '90']],
  },
];

function simulateWith({ edits, scenario = 'workload', calm = false }: Bug): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'vigia-seeded-'));
  cpSync(join(ROOT, 'daemon'), join(copy, 'daemon'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, right, wrong] of edits) {
    const path = join(copy, 'daemon/src', file);
    const source = readFileSync(path, 'utf8');
    assert.ok(source.includes(right), `${file} no longer has: ${right}`);
    writeFileSync(path, source.replace(right, wrong));
  }
  const args = [
    'daemon/src/cli/vigia.ts',
    'simulate',
    '--days',
    '0.12',
    '--seed',
    '1',
    ...(calm ? [] : ['--faults']),
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, '--scenario', scenario], { cwd: copy }, (_error, out, err) => {
      rmSync(copy, { recursive: true, force: true });
      resolve(out + err);
    });
  });
}

describe('seeded bugs', { concurrency: 2 }, () => {
  for (const bug of BUGS) {
    test(`${bug.name}: caught by ${bug.caughtBy}`, async () => {
      const output = await simulateWith(bug);
      assert.match(output, new RegExp(`BROKEN +${bug.caughtBy} `), output);
      assert.match(output, /FAILED at cycle \d+\. To reproduce it: vigia simulate .*--seed \d/);
    });
  }
});
