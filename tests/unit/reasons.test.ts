import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Reason, ReasonCode } from '../../daemon/src/model/reason.ts';
import { openForReading } from '../../daemon/src/record/database.ts';
import { readEvents, readStatus } from '../../daemon/src/record/queries.ts';
import { parseCandidates } from '../../daemon/src/show/candidates.ts';
import { CATALOGUES, type Language, languageOf, render } from '../../daemon/src/words/language.ts';
import { ReasonedError, reasonOf } from '../../daemon/src/words/reasoned-error.ts';
import { ModelledHost } from '../browser/modelled-host.ts';

/** Words that only English has, beside names, figures and states. */
const ENGLISH =
  /\b(the|of|is|it|its|that|where|always|runs?|running|with(in)?|and|memory|would|has|nothing|left|from|for|again|by|than|removed|restarted|started|container|containers|action|reading)\b/i;
/** Words that only Spanish has. */
const SPANISH =
  /\b(el|la|los|las|de|del|que|se|su|con|por|una?|ya|no (?:se|está)|y|en|sin|altos?|bajos?|terminados?)\b|[áéíóúñ¿¡]/i;

/** A whole number first, so that a sentence cannot hide a missing figure. */
const LOW: Reason = { code: 'below-lines', cpu: 0.0123, cpuLine: 0.09, memory: 0.05, memoryLine: 0.16 };

const SHORT: Reason = { code: 'memory-short', available: 4.1, threshold: 5 };

const GREW: Extract<Reason, { code: 'culprit-grew' }> = {
  code: 'culprit-grew',
  kind: 'cgroup',
  name: 'postgresql.service',
  grownMib: 800,
  heldMib: 2400,
};

/** One reason for each code; a code without one does not compile. */
const EXAMPLES: { readonly [C in ReasonCode]: Extract<Reason, { code: C }> } = {
  'no-process-seen': { code: 'no-process-seen' },
  'first-reading': { code: 'first-reading' },
  'cpu-above-line': { code: 'cpu-above-line', cpu: 38.24, line: 0.09 },
  'memory-above-line': { code: 'memory-above-line', memory: 1.7, line: 0.16 },
  'above-release-line': { code: 'above-release-line', cpu: 0.08, memory: 0.1, share: 80 },
  'below-lines': LOW as Extract<Reason, { code: 'below-lines' }>,
  'cpu-above-threshold': { code: 'cpu-above-threshold', cpu: 100, threshold: 90, learned: true },
  'memory-above-threshold': {
    code: 'memory-above-threshold',
    memory: 30,
    threshold: 25,
    learned: false,
    available: 10,
    availableThreshold: 15,
  },
  'memory-leak': { code: 'memory-leak', fromMib: 100, toMib: 400, minutes: 10, fullInMinutes: 20 },
  'fork-storm': { code: 'fork-storm', processes: 700, threshold: 512, minuteAgo: 3 },
  'io-storm': { code: 'io-storm', mibPerSecond: 100, threshold: 50, stalled: 35, stalledThreshold: 20 },
  'restart-loop': { code: 'restart-loop', restarts: 4, minutes: 5, threshold: 3 },
  'memory-short': { code: 'memory-short', available: 4.1, threshold: 5 },
  'memory-stalled': { code: 'memory-stalled', full: 55, threshold: 40, seconds: 12 },
  surplus: { code: 'surplus', count: 6, level: 'high', keep: 2, why: { code: 'first-reading' } },
  shortage: { code: 'shortage', count: 1, level: 'low', keep: 3 },
  ended: { code: 'ended', state: 'exited' },
  'never-started': { code: 'never-started', minutes: 5 },
  'throttle-for': { code: 'throttle-for', breach: LOW, seconds: 63, percent: 25 },
  'restart-for': { code: 'restart-for', breach: LOW, seconds: 63 },
  'replace-for': { code: 'replace-for', breach: LOW, seconds: 0 },
  'needs-less-cpu': { code: 'needs-less-cpu', cpu: 10, percent: 25, seconds: 63 },
  'lift-limit-protected': {
    code: 'lift-limit-protected',
    protection: { code: 'protected-label', label: 'vigia.protected' },
  },
  'evict-for-memory': {
    code: 'evict-for-memory',
    emergency: { code: 'memory-short', available: 4.1, threshold: 5 },
    holds: null,
    next: null,
  },
  'sensor-blind': {
    code: 'sensor-blind',
    faults: [{ sensor: 'continfo', fault: { code: 'file-empty' } }],
  },
  'mode-observe': { code: 'mode-observe' },
  'breaker-open': { code: 'breaker-open', cycles: 3 },
  'nothing-to-evict': {
    code: 'nothing-to-evict',
    emergency: { code: 'memory-short', available: 4.1, threshold: 5 },
  },
  'surplus-excluded': { code: 'surplus-excluded', classes: [{ count: 4, level: 'high', keep: 2 }] },
  'quotas-met': { code: 'quotas-met' },
  'protected-label': { code: 'protected-label', label: 'vigia.protected' },
  'protected-name': { code: 'protected-name', name: 'db' },
  'protected-image': { code: 'protected-image', image: 'corp/db' },
  'not-classified': { code: 'not-classified' },
  'within-quota': { code: 'within-quota', keep: 3, level: 'low' },
  'class-not-trimmed': { code: 'class-not-trimmed' },
  'sources-disagree': { code: 'sources-disagree', sensorMib: 300, cgroupMib: 200 },
  'not-the-culprit': { code: 'not-the-culprit', largest: 31, own: 3.1 },
  'one-at-a-time': { code: 'one-at-a-time', first: 'c1' },
  'state-unknown': { code: 'state-unknown' },
  'stalled-by-own-limit': { code: 'stalled-by-own-limit', name: 'c1' },
  'too-small': { code: 'too-small', memory: 0.5, threshold: 1 },
  'only-planned': { code: 'only-planned', mode: 'dry-run' },
  preempted: { code: 'preempted' },
  interrupted: { code: 'interrupted' },
  'recheck-failed': { code: 'recheck-failed', error: { code: 'engine-unreachable', socket: '/s' } },
  'already-gone': { code: 'already-gone' },
  'no-longer-managed': { code: 'no-longer-managed' },
  'protected-now': { code: 'protected-now', protection: { code: 'protected-name', name: 'db' } },
  'ended-by-itself': { code: 'ended-by-itself' },
  'restarted-since': { code: 'restarted-since', before: 7, now: 8 },
  'running-again': { code: 'running-again' },
  'below-floor': { code: 'below-floor', left: 1, level: 'high', keep: 2 },
  'ended-or-restarted': { code: 'ended-or-restarted' },
  'own-cpu-limit': { code: 'own-cpu-limit' },
  'cpu-limited': { code: 'cpu-limited', percent: 25 },
  'cpu-limit-lifted': { code: 'cpu-limit-lifted' },
  removed: { code: 'removed' },
  'removal-unconfirmed': { code: 'removal-unconfirmed', listedBy: 'cgroup', seconds: 5 },
  restarted: { code: 'restarted', before: 7, now: 8 },
  'restarted-not-running': { code: 'restarted-not-running' },
  'restarted-same-run': { code: 'restarted-same-run' },
  started: { code: 'started', name: 'c1' },
  'seen-at-next-start': { code: 'seen-at-next-start', result: { code: 'gone' } },
  'in-state': { code: 'in-state', name: 'c1', state: 'created' },
  gone: { code: 'gone' },
  'not-removed-yet': { code: 'not-removed-yet', state: 'exited' },
  'outcome-unknown': { code: 'outcome-unknown', error: { code: 'not-running' } },
  'not-running': { code: 'not-running' },
  'reading-too-old': { code: 'reading-too-old' },
  'removal-not-confirmed': { code: 'removal-not-confirmed', name: 'c1', tick: 7 },
  'cycle-interrupted': { code: 'cycle-interrupted', tick: 7 },
  'module-unloaded': { code: 'module-unloaded' },
  'no-container-placed': {
    ...{ code: 'no-container-placed', containers: 12, cause: { code: 'process-not-here', pid: 4321 } },
  },
  'in-pid-namespace': { code: 'in-pid-namespace' },
  'in-cgroup-namespace': { code: 'in-cgroup-namespace' },
  'no-memory-controller': { code: 'no-memory-controller' },
  'process-not-here': { code: 'process-not-here', pid: 4321 },
  'cgroup-names-none': { code: 'cgroup-names-none', pid: 4321, cgroup: '/init.scope' },
  'proc-not-read-in-time': { code: 'proc-not-read-in-time', seconds: 30 },
  'modules-not-loaded': { code: 'modules-not-loaded', why: { code: 'loading-needs-root' } },
  'neither-loaded': {
    code: 'neither-loaded',
    modules: { code: 'module-loading-disabled' },
    bpf: { code: 'bpf-locked-down' },
  },
  'kernel-without-modules': { code: 'kernel-without-modules', release: '6.12.0' },
  'module-loading-disabled': { code: 'module-loading-disabled' },
  'kernel-too-old': { code: 'kernel-too-old', oldest: '5.10', release: '6.12.0' },
  'module-key-unknown': {
    code: 'module-key-unknown',
    module: 'continfo_so1',
    error: 'motivo',
    key: '/var/lib/dkms/mok.pub',
  },
  'module-not-signed': {
    code: 'module-not-signed',
    module: 'continfo_so1',
    error: 'motivo',
    install: 'apt-get install make',
    sources: '/s',
    version: '0.1.0',
    key: '/var/lib/dkms/mok.pub',
  },
  'module-locked-down': {
    code: 'module-locked-down',
    level: 'integrity',
    module: 'continfo_so1',
    error: 'motivo',
  },
  'module-not-permitted': { code: 'module-not-permitted', module: 'continfo_so1', error: 'motivo' },
  'module-for-other-kernel': {
    code: 'module-for-other-kernel',
    file: '/s/continfo_so1.ko',
    builtFor: '6.1.0',
    release: '6.12.0',
    install: 'apt-get install make',
  },
  'module-damaged': {
    code: 'module-damaged',
    file: '/s/continfo_so1.ko',
    error: 'motivo',
    install: 'apt-get install make',
  },
  'module-installed-damaged': { code: 'module-installed-damaged', module: 'continfo_so1', error: 'motivo' },
  'module-name-taken': { code: 'module-name-taken', path: '/proc/continfo_so1_1' },
  'insert-failed': { code: 'insert-failed', what: 'continfo_so1', error: 'motivo' },
  'module-sources-missing': {
    code: 'module-sources-missing',
    module: 'continfo_so1',
    release: '6.12.0',
    sources: '/s',
  },
  'module-not-installed': { code: 'module-not-installed', module: 'continfo_so1', release: '6.12.0' },
  'kernel-headers-missing': {
    code: 'kernel-headers-missing',
    module: 'continfo_so1',
    release: '6.12.0',
    install: 'apt-get install make',
  },
  'tool-missing': { code: 'tool-missing', tool: 'make', install: 'apt-get install make' },
  'build-failed': {
    code: 'build-failed',
    release: '6.12.0',
    error: 'motivo',
    command: 'make -C /s',
  },
  'compiler-differs': {
    code: 'compiler-differs',
    release: '6.12.0',
    compiler: 'gcc-12',
    used: 'gcc-11',
    error: 'motivo',
    install: 'apt-get install make',
  },
  'loader-not-allowed': {
    code: 'loader-not-allowed',
    what: 'continfo_so1',
    unit: 'vigia-modules',
    reload: 'systemctl restart',
  },
  'module-other-carnet': {
    code: 'module-other-carnet',
    module: 'continfo_so1',
    present: '/proc/continfo_so1_2',
    path: '/proc/continfo_so1_1',
    carnet: '1',
    reload: 'systemctl restart',
  },
  'module-without-file': {
    code: 'module-without-file',
    module: 'continfo_so1',
    folder: '/proc',
    reload: 'systemctl restart',
  },
  'bpf-no-types': {
    code: 'bpf-no-types',
    release: '6.1.0',
    path: '/sys/kernel/btf/vmlinux',
  },
  'bpf-locked-down': { code: 'bpf-locked-down' },
  'bpf-no-file-system': { code: 'bpf-no-file-system', path: '/sys/fs/bpf' },
  'bpf-files-missing': { code: 'bpf-files-missing', file: '/s/bpf/build/load' },
  'loading-needs-root': { code: 'loading-needs-root' },
  'loading-lock-unusable': { code: 'loading-lock-unusable', lock: '/l', variable: 'VIGIA_BPF_LOCK' },
  'loading-lock-held': { code: 'loading-lock-held', lock: '/l', seconds: '120' },
  'bpf-not-loaded': { code: 'bpf-not-loaded', pin: '/sys/fs/bpf/vigia/tasks-1' },
  'bpf-reading-truncated': { code: 'bpf-reading-truncated', bytes: 4096 },
  'bpf-record-unknown': { code: 'bpf-record-unknown', at: 24, schema: 2, kind: 9, size: 8 },
  'file-empty': { code: 'file-empty' },
  'file-not-json': { code: 'file-not-json', characters: 20, problem: 'the parser has words' },
  'file-not-schema-1': { code: 'file-not-schema-1', field: 'pid', problem: 'the parser has words' },
  'file-unreadable': { code: 'file-unreadable', path: '/p', error: { code: 'os-error', errno: 'ENOENT' } },
  'file-too-long': { code: 'file-too-long', bytes: 9 },
  'meminfo-lacks': { code: 'meminfo-lacks', field: 'MemTotal' },
  'engine-timeout': { code: 'engine-timeout', path: '/p', seconds: 15 },
  'engine-unreachable': { code: 'engine-unreachable', socket: '/s' },
  'engine-no-permission': { code: 'engine-no-permission', socket: '/s' },
  'engine-answer-too-long': { code: 'engine-answer-too-long', path: '/p', bytes: 9 },
  'engine-answer-too-deep': { code: 'engine-answer-too-deep', levels: 64 },
  'engine-closed': { code: 'engine-closed', path: '/info' },
  'engine-refused': { code: 'engine-refused', path: '/p', status: 500, message: '' },
  'engine-not-json': { code: 'engine-not-json', what: '/p', beginning: '<html>' },
  'engine-answer-unexpected': {
    code: 'engine-answer-unexpected',
    what: '/p',
    field: 'Id',
    problem: 'the parser has words',
  },
  'engine-request-failed': {
    code: 'engine-request-failed',
    path: '/p',
    error: { code: 'os-error', errno: 'EPIPE' },
  },
  'engine-not-awaited': { code: 'engine-not-awaited' },
  'engine-backing-off': {
    code: 'engine-backing-off',
    last: { code: 'engine-unreachable', socket: '/s' },
    failures: 2,
    seconds: 30,
  },
  'image-missing': { code: 'image-missing', image: 'vigia/cpu' },
  'container-started': { code: 'container-started' },
  'signal-sent': { code: 'signal-sent', signal: 15 },
  'stopped-through-engine': { code: 'stopped-through-engine' },
  'health-turned': { code: 'health-turned', health: 'unhealthy' },
  'ended-by-owner': { code: 'ended-by-owner', exit: 143 },
  'ended-by-us': { code: 'ended-by-us', kind: 'kill', tick: 71 },
  'ended-by-itself-well': { code: 'ended-by-itself-well' },
  crashed: { code: 'crashed', exit: 3 },
  'died-of-signal': { code: 'died-of-signal', signal: 11 },
  'oom-own-limit': { code: 'oom-own-limit', limitMib: 256, died: true },
  'oom-host': {
    code: 'oom-host',
    availableMib: 41,
    held: [
      { name: 'eater', mib: 3100 },
      { name: 'postgresql.service', mib: 212 },
    ],
    died: true,
  },
  'oom-unclear': { code: 'oom-unclear', limitMib: 128, died: false },
  'script-not-a-file': { code: 'script-not-a-file' },
  'script-not-a-directory': { code: 'script-not-a-directory' },
  'script-owner': { code: 'script-owner', uid: 1000 },
  'script-writable': { code: 'script-writable', mode: '777' },
  'script-queue-full': { code: 'script-queue-full', waiting: 40 },
  'class-change-unconfirmed': {
    code: 'class-change-unconfirmed',
    level: 'high',
    reading: { code: 'first-reading' },
  },
  'reading-gap': { code: 'reading-gap' },
  'kind-by-label': { code: 'kind-by-label', label: 'vigia.managed' },
  'managed-by-config': { code: 'managed-by-config', at: '/etc/vigia/config.yaml:7' },
  'released-by-config': { code: 'released-by-config', name: 'db' },
  'not-managed': { code: 'not-managed' },
  orchestrated: { code: 'orchestrated', label: 'io.kubernetes.pod.uid' },
  paused: { code: 'paused', until: '2026-12-01 14:30', why: 'deployment' },
  'label-not-understood': { code: 'label-not-understood', label: 'vigia.priority', value: 'mucho' },
  'manage-matches-nothing': { code: 'manage-matches-nothing', at: '/etc/vigia/config.yaml:7' },
  'manage-matches-protected': {
    code: 'manage-matches-protected',
    at: '/etc/vigia/config.yaml:7',
    name: 'db',
  },
  'sacrifice-for-memory': {
    code: 'sacrifice-for-memory',
    emergency: SHORT,
    holds: 12.5,
    culprit: { code: 'no-culprit' },
  },
  'kill-for-memory': { code: 'kill-for-memory', emergency: SHORT, holds: 61.2, culprit: GREW },
  'squeeze-for': { code: 'squeeze-for', breach: LOW, seconds: 63, toMib: 512 },
  'limit-pids-for': { code: 'limit-pids-for', breach: LOW, seconds: 63, processes: 1400 },
  'limit-io-for': { code: 'limit-io-for', breach: LOW, seconds: 63, mibPerSecond: 51 },
  'stop-for': { code: 'stop-for', breach: LOW, seconds: 63 },
  'kill-for-storm': { code: 'kill-for-storm', breach: LOW },
  'replace-now-for': { code: 'replace-now-for', breach: LOW, seconds: 63 },
  'limit-eased': { code: 'limit-eased', limit: 'memory', seconds: 63 },
  'idle-cpu-suffices': { code: 'idle-cpu-suffices', idle: 180, taken: 75 },
  'limit-lifted-mode': { code: 'limit-lifted-mode', mode: 'dry-run' },
  'culprit-grew': GREW,
  'culprit-loads': { code: 'culprit-loads', name: 'db', loadedMib: 900 },
  'culprit-above-usual': {
    code: 'culprit-above-usual',
    kind: 'process',
    name: 'firefox (1234)',
    heldMib: 3100,
    usualMib: 900,
  },
  'no-culprit': { code: 'no-culprit' },
  'set-aside': { code: 'set-aside', names: ['c1', 'c2'] },
  'culprit-named': { code: 'culprit-named', emergency: SHORT, culprit: GREW },
  'culprit-not-ours': { code: 'culprit-not-ours', emergency: SHORT, culprit: GREW },
  'culprit-not-ended': {
    code: 'culprit-not-ended',
    emergency: SHORT,
    culprit: GREW,
    refusal: { code: 'not-allowed', remedy: 'kill' },
  },
  'suspect-excluded': { code: 'suspect-excluded', emergency: SHORT, name: 'c1' },
  'culprit-unproven': {
    code: 'culprit-unproven',
    emergency: { code: 'memory-short', available: 4, threshold: 5 },
    culprit: { code: 'culprit-above-usual', kind: 'container', name: 'db', heldMib: 900, usualMib: null },
  },
  'floor-waits': { code: 'floor-waits', count: 1, level: 'low', keep: 3 },
  'floor-not-filled': {
    code: 'floor-not-filled',
    image: 'vigia/cpu',
    level: 'high',
    miss: { code: 'start-ended-at-once', name: 'c1' },
  },
  'service-needs-attention': { code: 'service-needs-attention', name: 'c1', breach: LOW },
  'policy-warning': {
    code: 'policy-warning',
    name: 'c1',
    warning: { code: 'label-not-understood', label: 'vigia.priority', value: 'mucho' },
  },
  'start-ended-at-once': { code: 'start-ended-at-once', name: 'c1' },
  'start-other-class': { code: 'start-other-class', name: 'c1', level: 'low' },
  'start-failed': { code: 'start-failed', error: { code: 'image-missing', image: 'vigia/cpu' } },
  'set-aside-for-now': { code: 'set-aside-for-now', failures: 3 },
  'disk-filling': {
    ...{
      code: 'disk-filling',
      path: '/var/lib/docker',
      used: 91.25,
      inodes: true,
      hours: 3.2,
      log: { name: 'web', mib: 48 },
    },
  },
  'service-never-removed': { code: 'service-never-removed' },
  'not-allowed': { code: 'not-allowed', remedy: 'squeeze' },
  unhealthy: { code: 'unhealthy' },
  follows: { code: 'follows', name: 'db' },
  'unhealthy-together': { code: 'unhealthy-together', count: 3, of: 4 },
  vetoed: { code: 'vetoed', script: '/etc/vigia/hooks.d/before-restart/10-backup' },
  'stop-asked': { code: 'stop-asked', seconds: 90 },
  'processes-killed': { code: 'processes-killed' },
  'kill-unconfirmed': { code: 'kill-unconfirmed', seconds: 5 },
  'other-container-inside': { code: 'other-container-inside' },
  'no-such-limit': { code: 'no-such-limit' },
  'memory-squeezed': { code: 'memory-squeezed', toMib: 512 },
  'pids-limited': { code: 'pids-limited', processes: 1400 },
  'io-limited': { code: 'io-limited', mibPerSecond: 51 },
  'limit-lifted': { code: 'limit-lifted', limit: 'pids' },
  'os-error': { code: 'os-error', errno: 'EACCES' },
  message: { code: 'message', text: 'mensaje' },
  'recorded-text': { code: 'recorded-text', text: 'mensaje' },
};

const LIMITS = ['cpu', 'memory', 'pids', 'io'];

/** The other sentences of codes that have more than one. */
const VARIANTS: readonly Reason[] = [
  { code: 'signal-sent', signal: null },
  { code: 'ended-by-owner', exit: null },
  { code: 'crashed', exit: null },
  { code: 'oom-own-limit', limitMib: null, died: false },
  { code: 'oom-host', availableMib: null, held: [], died: false },
  { code: 'oom-unclear', limitMib: null, died: true },
  { code: 'health-turned', health: 'healthy' },
  { ...EXAMPLES['culprit-above-usual'], usualMib: null },
  { ...EXAMPLES['sacrifice-for-memory'], holds: null },
  { ...EXAMPLES['sacrifice-for-memory'], culprit: EXAMPLES['culprit-above-usual'] },
  { ...EXAMPLES['culprit-not-ended'], refusal: { code: 'protected-now', protection: SHORT } },
  { ...EXAMPLES['floor-not-filled'], miss: EXAMPLES['start-other-class'] },
  { ...EXAMPLES['floor-not-filled'], miss: EXAMPLES['start-failed'] },
  ...LIMITS.map((limit): Reason => ({ ...EXAMPLES['limit-eased'], limit })),
  ...LIMITS.map((limit): Reason => ({ ...EXAMPLES['limit-lifted'], limit })),
  ...['container', 'cgroup', 'process', 'tmpfs', 'kernel'].map((kind): Reason => ({ ...GREW, kind })),
  { ...EXAMPLES['class-change-unconfirmed'], level: 'low' },
];

/** Sentences that hold nothing but names and figures are the same in both languages. */
const QUOTED: ReadonlySet<string> = new Set([
  'message',
  'recorded-text',
  'cpu-above-line',
  'engine-request-failed',
]);

test('every reason is a sentence of its own language, with all of its figures', () => {
  const examples = [...Object.values(EXAMPLES), ...VARIANTS];
  assert.ok(examples.length > 140);
  for (const reason of examples) {
    const [en, es] = [render(reason, 'en'), render(reason, 'es')];
    assert.doesNotMatch(`${en} ${es}`, /undefined|null|NaN|\[object|\{/, reason.code);
    assert.doesNotMatch(es.replace(/vigia\/\S+|dry-run/g, ''), ENGLISH, `${reason.code}: ${es}`);
    if (!QUOTED.has(reason.code)) assert.notEqual(en, es, reason.code);
    for (const [name, value] of Object.entries(reason)) {
      if (typeof value !== 'number') continue;
      const figure = new RegExp(String(Math.trunc(value)));
      assert.match(en, figure, `${reason.code}: ${name}`);
      assert.match(es, figure, `${reason.code}: ${name}`);
    }
  }
});

test('figures are written as each language does', () => {
  const reason: Reason = { code: 'cpu-above-line', cpu: 38.24, line: 0.09 };
  assert.equal(render(reason, 'en'), 'CPU 38.2 % > 0.09 %');
  assert.equal(render(reason, 'es'), 'CPU 38,2 % > 0,09 %');
});

test('a code of a newer version, a missing parameter and endless nesting are shown, never thrown', () => {
  const unknown = { code: 'of-a-newer-version', share: 7 } as unknown as Reason;
  assert.equal(render(unknown, 'es'), 'of-a-newer-version {"share":7}');
  const broken = { code: 'surplus', count: 3 } as unknown as Reason;
  assert.match(render(broken, 'en'), /^surplus \{"count":3\}$/);
  const prototype = { code: 'toString' } as unknown as Reason;
  assert.equal(render(prototype, 'en'), 'toString');
  let nested: Reason = { code: 'gone' };
  for (let i = 0; i < 10_000; i += 1) nested = { code: 'outcome-unknown', error: nested };
  assert.ok(render(nested, 'es').length < 1000);
});

test('whatever JSON a record holds in place of a reason, rendering returns a text', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(EXAMPLES)),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.constantFrom<Language>('en', 'es'),
      (code, parameters, language) => {
        assert.equal(typeof render({ ...parameters, code } as unknown as Reason, language), 'string');
      },
    ),
  );
});

test('the language of a terminal is that of the first of LC_ALL, LC_MESSAGES and LANG that is set', () => {
  const cases: readonly [Record<string, string>, Language][] = [
    [{}, 'en'],
    [{ LANG: 'es_GT.UTF-8' }, 'es'],
    [{ LANG: 'es' }, 'es'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'est_EE.UTF-8' }, 'en'],
    [{ LC_MESSAGES: 'en_US.UTF-8', LANG: 'es_ES.UTF-8' }, 'en'],
    [{ LC_ALL: 'es_ES', LC_MESSAGES: 'en_US', LANG: 'de_DE' }, 'es'],
    [{ LC_ALL: '', LC_MESSAGES: '', LANG: 'es_ES@euro' }, 'es'],
  ];
  for (const [environment, expected] of cases)
    assert.equal(languageOf(environment), expected, JSON.stringify(environment));
});

test('an error has the reason that it was thrown with, an errno, or its message', async () => {
  assert.deepEqual(reasonOf(new ReasonedError({ code: 'gone' })), { code: 'gone' });
  assert.equal(new ReasonedError({ code: 'gone' }).message, 'gone');
  const missing = await import('node:fs/promises').then(({ readFile }) =>
    readFile('/nowhere').then(
      () => assert.fail(),
      (error: unknown) => error,
    ),
  );
  assert.deepEqual(reasonOf(missing), { code: 'os-error', errno: 'ENOENT' });
  assert.deepEqual(reasonOf(new Error('odd')), { code: 'message', text: 'odd' });
});

for (const [scenario, hours] of [
  ['workload', 2],
  ['hogs', 4],
  ['spinners', 2],
  ['patterns', 2],
] as const) {
  test(`scenario ${scenario}: every reason is recorded as data, in English and in Spanish`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-reasons-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const database = join(folder, 'vigia.db');
    const host = new ModelledHost({ database, scenario });
    await host.past(hours);
    const db = openForReading(database);
    t.after(() => db.close());
    const stored = db
      .prepare(`
        SELECT because_code AS code, because AS en, because_es AS es FROM action
        UNION SELECT detail_code, detail, detail_es FROM action
        UNION SELECT because_code, because, because_es FROM container_sample
        UNION SELECT because_code, because, because_es FROM cycle WHERE because IS NOT NULL
        UNION SELECT message_code, message, message_es FROM fault`)
      .all();
    assert.ok(stored.length > 20);
    for (const { code, en, es } of stored) {
      const reason: Reason = JSON.parse(String(code));
      assert.ok(Object.hasOwn(EXAMPLES, reason.code), reason.code);
      assert.equal(en, render(reason, 'en'));
      assert.equal(es, render(reason, 'es'));
      assert.doesNotMatch(String(es).replace(/\b(restart|vigia)[\w/-]*/g, ''), ENGLISH);
    }
    const lines = db.prepare('SELECT line, line_es FROM decision_line').all();
    assert.ok(lines.length > 0);
    for (const { line, line_es } of lines) {
      assert.match(String(line_es), SPANISH);
      assert.doesNotMatch(String(line), /\b(de bajo|de alto|eliminados)\b/);
    }
    const events = readEvents(db, { limit: 50, withCandidates: true });
    const excluded = events
      .flatMap((event) => parseCandidates(event['candidates']))
      .flatMap((candidate) => candidate.excluded ?? []);
    assert.ok(excluded.length > 0, 'no candidate was excluded');
    for (const reason of excluded) assert.ok(Object.hasOwn(EXAMPLES, reason.code), reason.code);
    assert.ok(readStatus(db).containers.every(({ because }) => Object.hasOwn(EXAMPLES, because.code)));
  });
}

test('both catalogues name the same classes, actions and results', () => {
  for (const part of ['levels', 'actions', 'results'] as const)
    assert.deepEqual(Object.keys(CATALOGUES.en[part]).sort(), Object.keys(CATALOGUES.es[part]).sort());
});
