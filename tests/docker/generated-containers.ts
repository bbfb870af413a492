import fc from 'fast-check';
import type { Kind } from '../../daemon/src/model/container-policy.ts';
import { type Action, LIMIT_OF } from '../../daemon/src/model/decision.ts';
import type { ContainerSample, Snapshot } from '../../daemon/src/model/snapshot.ts';
import { ACTION_KINDS } from '../../daemon/src/show/action-kinds.ts';

/** Containers as owners and hostile hands may define them, and plans that no rule would make. */

export interface Spec {
  /** What the policy says that it is; written here a second time, independent of the daemon's own code. */
  readonly kind: Kind;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'running' | 'created' | 'exited' | 'restarting';
  readonly volume: 'none' | 'anonymous' | 'named';
  /** Seconds; null: the engine's default of ten. */
  readonly stopTimeout: number | null;
  /** Seconds that it needs to end after SIGTERM: at least three less than its timeout. */
  readonly flush: number;
  readonly restart: 'no' | 'always' | 'unless-stopped';
  /** A CPU limit that its owner set, in percent of one core. */
  readonly cpuLimit: number | null;
}

const NONSENSE = fc.oneof(
  fc.constantFrom(
    '',
    'TRUE',
    'yes',
    '1',
    ' true',
    'true ',
    'tru\u0435',
    'null',
    '1e999; DROP',
    '-',
    'x'.repeat(3000),
  ),
  fc.string({ maxLength: 20, unit: 'grapheme' }).filter((text) => !/^(true|false)$|\0/.test(text)),
);
const ALLOW = fc.oneof(
  fc.constantFrom('none', 'throttle', 'restart', 'kill', 'stop', 'throttle,squeeze,restart,stop,kill', 'all'),
  NONSENSE,
);
/** Labels that change nothing about the kind. */
const EXTRA = fc.dictionary(
  fc.constantFrom(
    'vigia.priority',
    'vigia.cpu',
    'vigia.memory',
    'vigia.grace',
    'vigia.class',
    'vigia.dependants',
  ),
  NONSENSE,
  { maxKeys: 3 },
);
const flag = (label: string, value: fc.Arbitrary<string>) => value.map((text) => ({ [label]: text }));
const managed = fc.constant({ 'vigia.managed': 'true' });
const together = (...parts: fc.Arbitrary<Record<string, string>>[]) =>
  fc.tuple(...parts).map((all): Record<string, string> => Object.assign({}, ...all));

const DISPOSABLE = fc.oneof(
  together(managed, flag('vigia.disposable', fc.constant('true'))),
  together(managed, flag('vigia.spawn', fc.constantFrom('floor', '7', ''))),
);
const SERVICE = fc.oneof(
  managed,
  together(managed, flag('vigia.allow', ALLOW)),
  // A label that makes no sense is read in the stricter way.
  together(managed, flag('vigia.disposable', fc.oneof(fc.constant('false'), NONSENSE))),
);
const FOREIGN = fc.oneof(
  fc.constant({}),
  flag('vigia.disposable', fc.constant('true')),
  together(
    flag('vigia.managed', fc.oneof(fc.constant('false'), NONSENSE)),
    flag('vigia.disposable', fc.constant('true')),
  ),
  together(managed, flag('com.docker.swarm.task.id', fc.constant('abc'))),
);
const PROTECTED = together(
  fc.oneof(DISPOSABLE, SERVICE, FOREIGN),
  flag('vigia.protected', fc.oneof(fc.constant('true'), NONSENSE)),
);

const LABELS: fc.Arbitrary<Pick<Spec, 'kind' | 'labels'>> = fc
  .oneof(
    { weight: 3, arbitrary: DISPOSABLE.map((labels) => ({ kind: 'disposable' as const, labels })) },
    { weight: 4, arbitrary: SERVICE.map((labels) => ({ kind: 'service' as const, labels })) },
    { weight: 2, arbitrary: FOREIGN.map((labels) => ({ kind: 'foreign' as const, labels })) },
    { weight: 2, arbitrary: PROTECTED.map((labels) => ({ kind: 'protected' as const, labels })) },
  )
  .chain(({ kind, labels }) => EXTRA.map((extra) => ({ kind, labels: { ...extra, ...labels } })));

const STOP = fc.constantFrom(
  { stopTimeout: null, flush: 2 },
  { stopTimeout: 30, flush: 4 },
  { stopTimeout: 5, flush: 2 },
  { stopTimeout: 3, flush: 0 },
);

export const SPEC: fc.Arbitrary<Spec> = fc
  .record({
    named: LABELS,
    state: fc.oneof(
      { weight: 6, arbitrary: fc.constant('running' as const) },
      { weight: 1, arbitrary: fc.constantFrom('created' as const, 'exited' as const, 'restarting' as const) },
    ),
    volume: fc.constantFrom('none' as const, 'anonymous' as const, 'named' as const),
    stop: STOP,
    restart: fc.constantFrom('no' as const, 'always' as const, 'unless-stopped' as const),
    cpuLimit: fc.constantFrom(null, null, null, 50),
  })
  .map(({ named, stop, ...rest }) => ({ ...named, ...stop, ...rest }));

const KINDS = ACTION_KINDS.filter((kind) => kind !== 'start');

interface Draw {
  readonly kind: (typeof KINDS)[number];
  readonly target: number;
  /** Whose run, and whose cgroup, the action names; most of the time the target's own. */
  readonly other: number | null;
  readonly pid: 'right' | 'wrong' | 'any' | 'none';
  readonly isUrgent: boolean;
  readonly isEngineSilent: boolean;
  readonly limit: 'cpu' | 'memory' | 'pids' | 'io';
}

export const DRAW: fc.Arbitrary<Draw> = fc.record({
  kind: fc.constantFrom(...KINDS, 'remove' as const, 'kill' as const, 'throttle' as const),
  target: fc.nat(),
  other: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat() }),
  pid: fc.constantFrom('right', 'right', 'right', 'right', 'wrong', 'any', 'none'),
  isUrgent: fc.boolean(),
  isEngineSilent: fc.boolean(),
  limit: fc.constantFrom('cpu', 'memory', 'pids', 'io'),
});

/** An action on one of the snapshot's containers, sensible or not. */
export function actionOf(draw: Draw, { containers }: Snapshot): Action {
  const pick = (index: number): ContainerSample => {
    const found = containers[index % containers.length];
    if (found === undefined) throw new Error('the snapshot has no containers');
    return found;
  };
  const { id, name } = pick(draw.target);
  const { usage } = pick(draw.other ?? draw.target);
  const right = usage?.pid ?? 0;
  const pid = { right, wrong: right + 1, any: 'any' as const, none: null }[draw.pid];
  const number = typeof pid === 'number' ? pid : right;
  const base = { id, name, level: null, because: { code: 'message', text: 'generated' } } as const;
  const urgency = draw.isUrgent ? 'now' : 'grace';
  switch (draw.kind) {
    case 'remove':
      return { ...base, kind: 'remove', pid, urgency, isThrottled: draw.isEngineSilent, isReplaced: false };
    case 'restart':
      return { ...base, kind: 'restart', pid: number, urgency, isThrottled: draw.isEngineSilent };
    case 'stop':
      return { ...base, kind: 'stop', pid: pid ?? number };
    case 'kill': {
      const run = { startNs: usage?.startNs ?? 0, cgroup: usage?.cgroup ?? '' };
      return { ...base, kind: 'kill', pid: number, ...run, isEngineSilent: draw.isEngineSilent };
    }
    case 'release':
      return { ...base, kind: 'release', limit: draw.limit, pid: number };
    default: {
      const to = { cpu: 40, memory: 1024, pids: 50, io: 20 }[LIMIT_OF[draw.kind]];
      return { ...base, kind: draw.kind, pid: number, to };
    }
  }
}
