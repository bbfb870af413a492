import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { classify } from '../../daemon/src/classify/classify.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import type { Outcome } from '../../daemon/src/model/decision.ts';
import type { ContainerSample, MemoryHolder } from '../../daemon/src/model/snapshot.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { findContainers, readEvents, readStatus, readStory } from '../../daemon/src/record/queries.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { ACTION_KINDS } from '../../daemon/src/show/action-kinds.ts';
import { explain } from '../../daemon/src/show/explain.ts';
import type { Language } from '../../daemon/src/words/language.ts';
import {
  config,
  container,
  decisionOn,
  HOST,
  historyOf,
  idOf,
  snapshot,
  TOTAL_KB,
  usage,
} from './builders.ts';

const CONFIG = config();

const sized = (n: number, rssKb: number, partial: Partial<ContainerSample> = {}): ContainerSample => ({
  ...container(n, partial),
  name: `c${n}`,
  usage: usage({ pid: 1000 + n, rssKb }),
});

/** Records the decision of one cycle, with every action done. */
function recorded(
  t: TestContext,
  containers: readonly ContainerSample[],
  host = HOST,
  holders: readonly MemoryHolder[] | null = null,
) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-explain-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const db = openForWriting(join(dir, 'vigia.db'), (message) => assert.fail(message));
  const now = snapshot(containers, { host, holders });
  const history = historyOf(now, () => 0);
  const classifications = classify(history, now, CONFIG);
  const plan = decide(history, now, classifications, CONFIG);
  const outcomes = (plan.kind === 'act' ? plan.actions : []).map(
    (action): Outcome => ({
      action,
      result: 'done',
      detail: { code: 'removed' },
      id: action.kind === 'remove' ? action.id : idOf(99),
      tookMs: 412,
    }),
  );
  const counts = { low: 0, high: 0, unknown: 0 };
  const cost = { senseMs: 1, decideMs: 1, actMs: 1 };
  new Store(db, CONFIG).save(
    {
      history,
      snapshot: now,
      classifications,
      plan,
      outcomes,
      before: counts,
      after: counts,
      observations: [],
      cost,
    },
    1,
  );
  const explained = (n: number, language: Language = 'en') => {
    const story = readStory(db, idOf(n));
    assert.ok(story);
    return explain(story, CONFIG.soft, language).join('\n');
  };
  return { db, explained };
}

const LOWS = [1, 2, 3].map((n) => sized(n, 600));
const HIGHS = [sized(4, 80_000), sized(5, 120_000), sized(6, 400_000), sized(7, 300_000)];

test('a quota removal is explained with its figures, its rank, the next candidate and the outcome', (t) => {
  const { explained } = recorded(t, [...LOWS, ...HIGHS]);
  const first = explained(6);
  assert.match(
    first,
    /c6 .* is disposable: it may be removed and replaced\. First seen .*, removed by Vigía/,
  );
  assert.match(
    first,
    /Cycle 2 at .* chose it for removal: 4 high-consumption containers, quota 2; this one: memory 10\.0 % > 0\.16 %\./,
  );
  assert.match(
    first,
    /It ranked 1 of 2 selected \(10\.00 % of the host\); 7 candidates were considered\. Next was c7 \(7\.50 % of the host\), also selected\./,
  );
  assert.match(first, /Outcome: done, the engine no longer lists it and its cgroup is gone \(412 ms\)\./);
  assert.match(
    explained(7),
    /Next was c5 \(3\.00 % of the host\), not selected: within the quota of 2 high-consumption containers\./,
  );
  const spanish = explained(6, 'es');
  assert.match(
    spanish,
    /c6 .*, es desechable: Vigía puede eliminarlo y reemplazarlo\. Visto por primera vez .*, eliminado por Vigía/,
  );
  assert.match(
    spanish,
    /lo eligió para eliminarlo: 4 contenedores de alto consumo, cuota 2; este: memoria 10,0 %/,
  );
  assert.match(
    spanish,
    /Ocupó el puesto 1 de 2 elegidos \(10,00 % del equipo\); se consideraron 7 candidatos\. El siguiente era c7/,
  );
  assert.match(spanish, /Resultado: hecho, el motor ya no lo muestra.* \(412 ms\)\./);
});

test('a kept container is explained with the cycle and the reason, a foreign one as left alone', (t) => {
  const { explained } = recorded(t, [...LOWS, ...HIGHS, sized(8, 900_000, { labels: {} })]);
  assert.match(
    explained(5),
    /No action was taken on it\. Cycle 2 .* considered it \(3\.00 % of the host\) and did not select it: within the quota of 2/,
  );
  assert.match(
    explained(8),
    /is not managed: it is observed and left alone\..*\nKind: foreign \(.*\)\. Vigía may: .*\n.*\nNo action was ever taken on it\./,
  );
});

test('an emergency is explained with the threshold, the memory held and the next candidate', (t) => {
  const { explained } = recorded(t, [...LOWS, sized(4, 80_000), sized(5, 2_000_000)], {
    ...HOST,
    availableKb: TOTAL_KB * 0.03,
  });
  assert.match(
    explained(5),
    /memory is running out: 3\.0 % available < 5 %; it holds 50\.0 % of RAM; no other container would help/,
  );
  assert.match(explained(5), /Next was c4 \(2\.00 % of the host\), not selected: not the culprit/);
});

test('of two large containers one is removed; the other one was not the culprit', (t) => {
  const cached = sized(5, 40_000);
  const tmpfs = { ...cached, usage: { ...(cached.usage ?? usage()), memoryUsedKb: 2_000_000 } };
  const { explained } = recorded(t, [...LOWS, sized(4, 80_000), tmpfs, sized(6, 1_900_000)], {
    ...HOST,
    availableKb: TOTAL_KB * 0.03,
  });
  assert.match(explained(5), /it holds 50\.0 % of RAM; no other container would help\./);
  assert.match(
    explained(5),
    /It ranked 1 of 1 selected .*Next was c6 \(47\.50 % of the host\), not selected: not the culprit: it holds 47\.5 % of RAM, the largest 50\.0 %\./,
  );
  assert.match(
    explained(6),
    /did not select it: not the culprit: it holds 47\.5 % of RAM, the largest 50\.0 %\./,
  );
});

test('for memory that no managed container holds, a surplus container is given up, and the next one is named', (t) => {
  const name = 'postgresql.service';
  const holder = { kind: 'cgroup', key: `/system.slice/${name}`, name, heldKb: 2_000_000 } as const;
  const { explained } = recorded(
    t,
    [...LOWS, sized(4, 80_000), sized(5, 120_000), sized(6, 400_000), sized(7, 300_000)],
    { ...HOST, availableKb: TOTAL_KB * 0.03 },
    [holder],
  );
  assert.match(
    explained(6),
    /memory is running out: 3\.0 % available < 5 %; service postgresql\.service holds 1953 MiB, the most on this host, which Vigía may not end; giving up this surplus container instead \(10\.0 % of RAM\)/,
  );
  assert.match(explained(6), /Next was c7 \(7\.50 % of the host\), not selected: not the culprit/);
  assert.match(
    explained(6, 'es'),
    /el servicio postgresql\.service ocupa 1953 MiB, más que nadie en este equipo, y Vigía no puede terminarlo; se sacrifica este contenedor sobrante \(10,0 % de la RAM\)/,
  );
});

test('a container is found by part of its name or the beginning of its ID', (t) => {
  const { db } = recorded(t, [...LOWS, ...HIGHS]);
  assert.deepEqual(
    findContainers(db, 'c7', 5).map(({ name }) => name),
    ['c7'],
  );
  assert.equal(findContainers(db, idOf(7), 5)[0]?.['name'], 'c7');
  assert.deepEqual(findContainers(db, 'no-such-name', 5), []);
  assert.equal(readStory(db, idOf(77)), null);
});

test('candidates are read only on request, because they are long', (t) => {
  const { db } = recorded(t, [...LOWS, ...HIGHS]);
  assert.ok(!('candidates' in (readStatus(db).actions[0] ?? {})));
  assert.match(String(readEvents(db, { limit: 1, withCandidates: true })[0]?.['candidates']), /"share":/);
});

/** Records containers of a configuration, without any action. */
function recordedAs(t: TestContext, containers: readonly ContainerSample[], settings = CONFIG) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-explain-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const db = openForWriting(join(dir, 'vigia.db'), (message) => assert.fail(message));
  new Store(db, settings).save(decisionOn(snapshot(containers)), 1);
  const explained = (n: number, language: Language = 'en') => {
    const story = readStory(db, idOf(n));
    assert.ok(story);
    return explain(story, settings.soft, language).join('\n');
  };
  return { db, explained };
}

test('the policy of a service is explained: what made it one, what is allowed, its thresholds and odd labels', (t) => {
  const labels = {
    'com.docker.compose.project': 'shop',
    'vigia.allow': 'squeeze,restart,reboot',
    'vigia.priority': '5',
    'vigia.memory': '512',
    'vigia.dependants': 'web, worker',
  };
  const entry = {
    ...{ match: { project: 'shop' }, allow: null, priority: null, cpuPercent: 150, expectedMib: null },
    ...{ graceSeconds: null, dependants: [], at: '/etc/vigia/vigia.d/containers.yaml:4' },
  };
  const { explained } = recordedAs(t, [container(1, { labels })], config({ manage: [entry] }));
  const english = explained(1);
  assert.match(english, /is a service: it may be limited or restarted, never removed\. First seen/);
  assert.match(english, /Kind: service \(managed by \/etc\/vigia\/vigia\.d\/containers\.yaml:4\)\./);
  assert.match(english, /Vigía may: limit memory \(squeeze\); restart \(restart\)\./);
  assert.match(
    english,
    /Priority 5; CPU threshold 150\.0 % \(its own\); expected memory 512 MiB; grace period 60 s \(the configuration's\)\./,
  );
  assert.match(english, /Depending on it: web, worker\./);
  assert.match(english, /Warning: label vigia\.allow=squeeze,restart,reboot is not understood/);
  const spanish = explained(1, 'es');
  assert.match(spanish, /es un servicio: Vigía puede limitarlo o reiniciarlo, nunca eliminarlo\./);
  assert.match(spanish, /Vigía puede: limitar la memoria \(squeeze\); reiniciar \(restart\)\./);
  assert.match(
    spanish,
    /umbral de CPU 150,0 % \(propio\);.*espera antes de actuar 60 s \(de la configuración\)\./,
  );
});

test('a container that Vigía only observes has no thresholds; a service that allows nothing gets advice', (t) => {
  const { explained } = recordedAs(t, [
    container(1, { labels: { 'vigia.protected': 'true' } }),
    container(2, { labels: { 'vigia.managed': 'true', 'vigia.allow': 'none' } }),
  ]);
  assert.match(explained(1), /Kind: protected \(.*\)\. Vigía may: .*observe/);
  assert.doesNotMatch(explained(1), /threshold/);
  assert.match(explained(2), /Kind: service \(label vigia\.managed\)\. Vigía may: .*advi/);
});

test('limits that Vigía set are listed with their values; those of the owner are not', (t) => {
  const ours = {
    ...{ cpuLimitPercent: 25, isLimitOurs: true, squeezedToKb: 512 * 1024, pidsLimitedTo: 1977 },
    ...{ ioLimitedTo: 10 },
  };
  const { explained } = recordedAs(t, [
    container(1, { usage: usage(ours) }),
    container(2, { usage: usage({ cpuLimitPercent: 50, isLimitOurs: false }) }),
  ]);
  assert.match(
    explained(1),
    /Limits that Vigía set: CPU 25\.0 % of a core, memory 512 MiB, 1977 processes, I\/O 10 MiB\/s\./,
  );
  assert.match(explained(1, 'es'), /Límites puestos por Vigía: CPU 25,0 % de un núcleo, memoria 512 MiB,/);
  assert.doesNotMatch(explained(2), /Limits/);
});

test('rows of earlier versions are of a kind by their two columns, without a policy', (t) => {
  const { db, explained } = recordedAs(t, [container(1), container(2), container(3)]);
  db.exec('UPDATE container SET kind = NULL, policy = NULL');
  db.exec(`UPDATE container SET managed = 0, protected = 1 WHERE id = '${idOf(2)}'`);
  db.exec(`UPDATE container SET managed = 0 WHERE id = '${idOf(3)}'`);
  assert.deepEqual(
    readStatus(db).containers.map((row) => row['kind']),
    ['managed', 'protected', 'foreign'],
  );
  assert.match(explained(1), /is managed by Vigía\. First seen/);
  assert.doesNotMatch(explained(1), /Kind:/);
});

test('every kind of action on a service is told in words of its own, in both languages', (t) => {
  const { db, explained } = recordedAs(t, [container(1, { labels: { 'vigia.managed': 'true' } })]);
  const insert = db.prepare(
    `INSERT INTO action (tick, at, kind, container_id, name, because, result, detail, took_ms)
     VALUES (2, 1800000000, ?, ?, 'x', 'why', 'done', 'how', 1)`,
  );
  for (const kind of ACTION_KINDS) insert.run(kind, idOf(1));
  const told = (language: Language, words: RegExp) =>
    explained(1, language)
      .split('\n')
      .flatMap((line) => words.exec(line)?.[1] ?? []);
  const english = told('en', /^Cycle 2 at [^ ]+ [^ ]+ (.+): why\.$/);
  const spanish = told('es', /^El ciclo 2 \(.+?\) (.+): why\.$/);
  for (const words of [english, spanish]) {
    assert.equal(new Set(words).size, ACTION_KINDS.length, words.join(', '));
    for (const kind of ACTION_KINDS) assert.ok(!words.includes(kind), kind);
  }
});

test('notices of the last hour are listed with their time, the newest of those that repeat, apart from faults', (t) => {
  const { db } = recordedAs(t, [container(1)]);
  db.exec('DELETE FROM fault');
  const insert = db.prepare(
    "INSERT INTO fault (tick, at, sensor, message, message_code, blind) VALUES (?, ?, ?, 'x', ?, 0)",
  );
  const now = 1_800_000_000;
  const needs = (name: string, restarts: number) =>
    JSON.stringify({
      ...{ code: 'service-needs-attention', name },
      breach: { code: 'restart-loop', restarts, minutes: 5, threshold: 3 },
    });
  insert.run(1, now - 3601, 'policy', needs('old', 3));
  insert.run(1, now - 3000, 'policy', needs('db', 3));
  insert.run(1, now - 2000, 'policy', needs('web', 3));
  insert.run(2, now, 'policy', needs('db', 9));
  insert.run(2, now, 'cgroup', '{"code":"file-empty"}');
  const { faults, notices } = readStatus(db);
  assert.deepEqual(
    notices.map(({ at, message }) => [at, 'name' in message && message.name]),
    [
      [now, 'db'],
      [now - 2000, 'web'],
    ],
  );
  assert.deepEqual(
    faults.map(({ sensor }) => sensor),
    ['cgroup'],
  );
});
