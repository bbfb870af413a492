import type { HostPlan, PlannedContainer } from '../app/make-plan.ts';
import type { Kind } from '../model/container-policy.ts';
import type { Action } from '../model/decision.ts';
import { render } from '../words/language.ts';
import { errorText, FORMATS, inert, LANGUAGE, paint, table, WORDS } from './common.ts';
import { mayText } from './policy-text.ts';

const { kib, percent } = FORMATS;
const KINDS: readonly Kind[] = ['disposable', 'service', 'foreign', 'protected'];

/** The plan for a reader who sees Vigía for the first time: what is here, what would happen, what is missing. */
export function planText(plan: HostPlan): string {
  return [found(plan), containerTable(plan), whatNext(plan), ifManaged(plan), unseen(plan)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function found({ containers, host, sensor, mode, record, faults }: HostPlan): string {
  const { plan: say, policy } = WORDS;
  const counts = KINDS.map((kind) => {
    const count = containers.filter((one) => one.policy.kind === kind).length;
    return `${policy.kinds[kind]} ${count}`;
  });
  return [
    paint(
      'bold',
      faults.some((fault) => fault.sensor === 'engine')
        ? say.containersUnknown
        : say.found(containers.length, counts.join(', ')),
    ),
    host === null ? say.ramUnknown : say.ram(kib(host.usedKb), kib(host.totalKb), kib(host.availableKb)),
    say.sensors[sensor],
    record.kind === 'unusable'
      ? say.unusableHistory(inert(errorText(record.error)))
      : say.history[record.kind],
    say.mode(mode),
  ].join('\n');
}

function containerTable({ containers }: HostPlan): string {
  const { columns, policy, common, plan: say } = WORDS;
  if (containers.length === 0) return '';
  const rank = ({ policy: { kind } }: PlannedContainer) => KINDS.indexOf(kind);
  const rows = containers.toSorted(
    (a, b) => rank(a) - rank(b) || (a.container.name < b.container.name ? -1 : 1),
  );
  return table(rows, [
    { title: columns.name, wraps: true, value: (row) => row.container.name },
    { title: columns.kind, value: (row) => policy.kinds[row.policy.kind] },
    {
      title: columns.class,
      value: ({ classification, container }) =>
        classification === null ? container.state : common.classes[classification.level],
    },
    { title: 'CPU', right: true, value: (row) => percent(row.classification?.cpuPercent) },
    { title: 'MEM', right: true, spare: 1, value: (row) => percent(row.classification?.memPercent) },
    { title: columns.may, wraps: true, value: (row) => mayText(row.policy) },
    {
      title: columns.next,
      wraps: true,
      value: ({ actions }) => actions.map((action) => say.does[action.kind]).join(', ') || say.nothing,
    },
  ]);
}

/** Each action with its reason. */
function whatNext({ containers, starts, because }: HostPlan): string {
  const { plan: say } = WORDS;
  const actions = [...containers.flatMap((one) => one.actions), ...starts];
  if (because !== null || actions.length === 0)
    return say.wouldDoNothing(because === null ? '' : render(because, LANGUAGE));
  return [paint('bold', say.wouldDo), ...actions.map(line)].join('\n');
}

function ifManaged({ containers }: HostPlan): string {
  const { plan: say } = WORDS;
  if (!containers.some(({ policy }) => policy.kind === 'foreign')) return '';
  const actions = containers.flatMap((one) => one.ifManaged);
  if (actions.length === 0) return say.managedNothing;
  return [say.managedWouldDo, ...actions.map(line)].join('\n');
}

function line(action: Action): string {
  const { does } = WORDS.plan;
  const target = action.kind === 'start' ? action.image : action.name;
  return inert(`  ${does[action.kind]} ${target}: ${render(action.because, LANGUAGE)}`);
}

function unseen({ faults, containers, warnings }: HostPlan): string {
  const { plan: say } = WORDS;
  const labels = containers.flatMap(({ container, policy }) =>
    policy.warnings.map((warning) => `${container.name}: ${render(warning, LANGUAGE)}`),
  );
  return [
    ...faults.map(({ sensor, reason }) => say.notSeen(sensor, render(reason, LANGUAGE))),
    ...(process.getuid?.() === 0 ? [] : [say.notRoot]),
    ...[...warnings.map((warning) => render(warning, LANGUAGE)), ...labels].map(WORDS.place.warning),
  ]
    .map((text) => paint('yellow', inert(text)))
    .join('\n');
}
