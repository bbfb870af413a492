// The simulation must be able to fail: each of these bugs is put into a copy of the source and must be caught.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Invariant } from '../../daemon/src/simulate/checks/invariants.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Bug {
  readonly name: string;
  readonly caughtBy: Invariant;
  /** Each file with its correct text and the wrong text that replaces it. */
  readonly edits: readonly (readonly [file: string, right: string, wrong: string])[];
  readonly scenario?: string;
  /** The bug shows only in a simulation without faults. */
  readonly calm?: boolean;
  /** How long it takes to show; 0.12 by default. */
  readonly days?: number;
}

const BUGS: readonly Bug[] = [
  {
    name: 'a floor is ignored in the plan and in the recheck',
    caughtBy: 'floor',
    edits: [
      [
        'decide/rank-for-trimming.ts',
        'surplusOf(quota, members.length - ending);',
        'surplusOf(quota, members.length - ending) + 1;',
      ],
      ['act/recheck.ts', 'if (level === null) return null;', 'if (level !== undefined) return null;'],
    ],
  },
  {
    name: 'a floor is ignored when several are removed at once, and filled again in the same plan',
    caughtBy: 'no-excess',
    calm: true,
    edits: [
      [
        'decide/rank-for-trimming.ts',
        'surplusOf(quota, members.length - ending);',
        'surplusOf(quota, members.length - ending); if (surplus > 1) surplus += 1;',
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
        "applyClassLines(cpuPercent, memPercent, known?.level ?? 'unknown', config);",
        "applyClassLines(container.labels['vigia.class'] === 'high' ? 100 : 0, 0, 'unknown', config);",
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
    edits: [
      ['decide/decide.ts', 'if (blind.length === 0) return null;', 'if (blind.length <= 1) return null;'],
    ],
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
        'policy/resolve-policy.ts',
        "if (managed === 'true' && (disposable === 'true'",
        "if (managed !== 'false' && (disposable !== 'false'",
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
    edits: [
      ['decide/rules/fill-shortage.ts', 'keep - present - expected', 'keep - present'],
      ['decide/rules/fill-shortage.ts', 'isEmergency ? 0 : unknown', '0'],
    ],
  },
  {
    name: 'some containers are forgotten between cycles and never get a rate',
    caughtBy: 'second-snapshot',
    edits: [
      [
        'classify/remember.ts',
        'const results = outcomesOf.get(id) ?? [];',
        'const results = outcomesOf.get(id) ?? []; if (usage.pid % 7 === 0) continue;',
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
    edits: [['loop/lookout.ts', 'if (alarm !== null) this', 'if (alarm === undefined) this']],
  },
  {
    name: 'the watch reads too rarely',
    caughtBy: 'reaction',
    scenario: 'hogs',
    calm: true,
    edits: [
      ['loop/lookout.ts', 'waitMs = Math.min(this.#watchMs, ', 'waitMs = Math.max(2 * this.#watchMs, '],
    ],
  },
  {
    name: 'the one that grew least is killed for memory',
    caughtBy: 'culprit',
    scenario: 'hogs',
    edits: [
      [
        'decide/attribute-memory.ts',
        '(holder[key] ?? 0) > (first?.[key] ?? 0) ? holder : first',
        '(holder[key] ?? 1e9) < (first?.[key] ?? 1e9) ? holder : first',
      ],
      [
        'decide/attribute-memory.ts',
        '(holder[key] ?? 0) >= Math.max(leastKb, missingKb / 2)',
        '(holder[key] ?? 0) >= 0',
      ],
    ],
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
    edits: [
      [
        'classify/limits.ts',
        'needsLess(value, cpuPercent, policy.kind, idlePercent, now, config) && !hasBreach',
        'cpuPercent <= 2 * value',
      ],
      ['decide/rules/lift-limits.ts', 'if (eased < grace || !(isCalm || isOver))', 'if (eased < 0)'],
      // What is usual is learned after some releases, and ends the oscillation by itself.
      ['classify/patterns/spin.ts', "'cpuPercent', usual,", "'cpuPercent', null,"],
    ],
  },
  // Do no harm.
  {
    name: 'an ended service is cleared away like a disposable container',
    caughtBy: 'owner-data',
    scenario: 'services',
    edits: [
      ['policy/contract.ts', 'if (needed === null)', 'if (needed !== needed)'],
      [
        'policy/contract.ts',
        'policy.allow.includes(needed)',
        '(needed === null || policy.allow.includes(needed))',
      ],
      [
        'decide/rules/remove-ended.ts',
        'removeEnded({ disposables, now, history }',
        'removeEnded({ managed: disposables, now, history }',
      ],
    ],
  },
  {
    name: 'what its owner stopped is started again',
    caughtBy: 'stopped-stays',
    scenario: 'services',
    edits: [
      ['act/restart-container.ts', 'if (why !== null) return', 'if (why !== null && pid !== 0) return'],
      [
        'decide/rules/end-crash-loops.ts',
        "state === 'exited' || state === 'dead') return [];",
        `state === 'exited') {
          if (policies.get(id)?.kind !== 'service' || state !== 'exited') return [];
          const why = { code: 'message', text: 'it ended' } as const;
          return [{ kind: 'restart', id, name, level: null, pid: 0, urgency: 'grace', isThrottled: false, because: why }];
        }`,
      ],
    ],
  },
  {
    name: "a crash loop of a service is ended, instead of leaving it to Docker's back-off",
    caughtBy: 'innocent',
    scenario: 'services',
    edits: [
      ['decide/rules/end-crash-loops.ts', "!policy.allow.includes('stop')", "policy.allow.includes('stop')"],
      ['policy/contract.ts', "stop: 'stop'", "stop: 'restart'"],
    ],
  },
  {
    name: 'every new run counts as a restart by the policy',
    caughtBy: 'innocent',
    scenario: 'services',
    edits: [
      ['classify/runs.ts', 'Math.max(0, restartCount - before.restartCount)', '3'],
      ['decide/rules/end-crash-loops.ts', "!policy.allow.includes('stop')", "policy.allow.includes('stop')"],
      ['policy/contract.ts', "stop: 'stop'", "stop: 'restart'"],
    ],
  },
  {
    name: "the engine's RestartCount is ignored",
    caughtBy: 'misbehaviour',
    scenario: 'patterns',
    edits: [['classify/runs.ts', 'Math.max(0, restartCount - before.restartCount)', '0']],
  },
  {
    name: 'the stop timeout of a service is overridden',
    caughtBy: 'own-timeout',
    scenario: 'runaways',
    edits: [['act/restart-container.ts', 'engine.restart(id, null)', 'engine.restart(id, 5)']],
  },
  {
    name: 'the culprit is searched among our own containers only',
    caughtBy: 'culprit',
    scenario: 'runaways',
    edits: [
      [
        'decide/attribute-memory.ts',
        'return [...containers, ...others];',
        `return [...containers, ...others].filter(
          ({ container }) => container !== null && context.policies.get(container.id)?.kind === 'service',
        );`,
      ],
    ],
  },
  {
    name: 'services are killed for the memory of others',
    caughtBy: 'not-ours',
    scenario: 'runaways',
    edits: [
      [
        'decide/rules/relieve-memory.ts',
        'const suspect = culprit?.holder.container ?? null;',
        `const suspect = culprit?.holder.container ??
          context.managed.find(({ usage, image }) => usage !== null && image.startsWith('mysql')) ?? null;`,
      ],
      [
        'decide/rules/relieve-memory.ts',
        'const refusal = whyNotEnded(culprit, emergency, context);',
        'const refusal = culprit?.holder.container === null ? null : whyNotEnded(culprit, emergency, context);',
      ],
    ],
  },
  {
    name: 'a leak is never dealt with',
    caughtBy: 'caught',
    scenario: 'runaways',
    days: 0.3,
    edits: [
      [
        'classify/patterns/leak.ts',
        'if (fullSeconds > fullWithinSeconds) return null;',
        'if (fullSeconds >= 0) return null;',
      ],
      [
        'classify/patterns/hoard.ts',
        'if (now.host === null) return null;',
        'if (now.tick >= 0) return null;',
      ],
    ],
  },
  {
    name: 'a silent engine is awaited while memory runs out',
    caughtBy: 'no-oom',
    scenario: 'hogs',
    edits: [['loop/loop.ts', 'tick + 1, ports.watch.alarm', 'tick + 1, new AbortController().signal']],
  },
  {
    name: 'nobody is killed while the engine is silent',
    caughtBy: 'no-oom',
    scenario: 'hogs',
    edits: [['decide/decide.ts', 'now.lastKnown.length === 0', 'now.lastKnown.length >= 0']],
  },
  {
    name: 'services are throttled although the host has idle CPU',
    caughtBy: 'contended',
    scenario: 'services',
    edits: [
      [
        'decide/rules/climb-ladder.ts',
        "if (pattern === 'spin') return isContended(context.idlePercent, context.now, context.config);",
        '',
      ],
    ],
  },
  {
    name: 'a limit of ours is never lifted',
    caughtBy: 'not-left-limited',
    scenario: 'services',
    days: 0.3,
    edits: [
      [
        'decide/rules/lift-limits.ts',
        'if (because === null) return [];',
        "if (because === null || limit !== 'cpu') return [];",
      ],
    ],
  },
  {
    name: 'an image that never becomes what it is started for is started over and over',
    caughtBy: 'no-loop',
    scenario: 'floors',
    edits: [
      [
        'decide/rules/fill-shortage.ts',
        'if (starts === undefined) return beginning < config.act.startsPerHour;',
        'if (starts !== null) return true;',
      ],
    ],
  },
];

function simulateWith({ edits, scenario = 'workload', calm = false, days = 0.12 }: Bug): Promise<string> {
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
    String(days),
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
