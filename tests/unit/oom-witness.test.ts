import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hostOomKills, limitHits, memoryLimitKb } from '../../daemon/src/engine/oom-counters.ts';
import { OomWitness } from '../../daemon/src/sense/oom-witness.ts';
import { container, usage } from './builders.ts';

const AT = 1_764_597_600_000;
const MIB = 1024 * 1024;

/** The cgroups and the counters of a host, in a temporary directory. */
function host(t: TestContext, version: 1 | 2 = 2) {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-oom-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const [root, proc] = [join(directory, 'cgroup'), join(directory, 'proc')];
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  if (version === 2) write(`${root}/cgroup.controllers`, 'memory\n');
  const tree = version === 2 ? root : `${root}/memory`;
  return {
    places: { root, proc },
    kills: (count: number) => write(`${proc}/vmstat`, `nr_free_pages 1\noom_kill ${count}\n`),
    hits: (path: string, own: number, all = own) => {
      write(`${root}${path}/memory.events.local`, `low 0\nhigh 0\nmax 9\noom ${own}\noom_kill ${own}\n`);
      write(`${root}${path}/memory.events`, `low 0\nhigh 0\nmax 9\noom ${all}\noom_kill ${all}\n`);
    },
    holds: (path: string, mib: number) => {
      write(`${tree}${path}/memory.current`, `${mib * MIB}\n`);
      write(`${tree}${path}/memory.stat`, `anon ${mib * MIB}\nshmem 0\n`);
    },
    limit: (path: string, name: string, text: string) => write(`${tree}${path}/${name}`, text),
    remove: (path: string) => rmSync(`${tree}${path}`, { recursive: true }),
  };
}

const scope = (id: string): string => `/system.slice/docker-${id}.scope`;
const WEB = container(1, { name: 'web' });
const DB = container(2, { name: 'db' });
const seen = [WEB, DB].map((one) => ({
  ...one,
  usage: usage({ cgroup: scope(one.id), memoryLimitKb: 256 * 1024 }),
}));

test('the counters of v2: a limit that was hit, by the cgroup itself and by all inside', (t) => {
  const { places, hits, kills, limit } = host(t);
  hits('/system.slice', 0, 3);
  assert.equal(limitHits('/system.slice', true, places.root), 0);
  assert.equal(limitHits('/system.slice', false, places.root), 3);
  assert.equal(limitHits('/gone', false, places.root), null);
  kills(4);
  assert.equal(hostOomKills(places.proc), 4);
  limit('/a', 'memory.max', '268435456\n');
  limit('/b', 'memory.max', 'max\n');
  assert.deepEqual(
    ['/a', '/b', '/c'].map((path) => memoryLimitKb(path, places.root)),
    [262144, null, null],
  );
});

test('v1 has no such counter, and its limit is a number where there is none', (t) => {
  const { places, limit } = host(t, 1);
  limit('/docker/a', 'memory.limit_in_bytes', '33554432\n');
  limit('/docker/b', 'memory.limit_in_bytes', '9223372036854771712\n');
  assert.deepEqual(
    ['/docker/a', '/docker/b'].map((path) => memoryLimitKb(path, places.root)),
    [32768, null],
  );
  assert.equal(limitHits('/docker/a', true, places.root), null);
});

test('its own limit: the cgroup says so, and when it is gone, the one around it', (t) => {
  const { places, hits, kills, remove } = host(t);
  const witness = new OomWitness(places);
  kills(10);
  hits('/system.slice', 0, 2);
  for (const { id } of seen) hits(scope(id), 0);
  witness.see(seen);
  witness.second(AT, null, false);
  hits(scope(WEB.id), 1);
  hits('/system.slice', 0, 3);
  kills(11);
  const own = witness.evidence(WEB.id, AT + 400, AT + 300);
  assert.deepEqual([own.ownHits, own.aroundHits, own.hostKills, own.limitKb], [1, 1, 1, 262144]);
  assert.equal(witness.evidence(WEB.id, AT + 500, AT + 300).ownHits, 0, 'what was told is not told again');
  remove(scope(DB.id));
  hits('/system.slice', 0, 4);
  const gone = witness.evidence(DB.id, AT + 900, AT + 800);
  assert.deepEqual([gone.ownHits, gone.aroundHits, gone.limitKb], [null, 1, 262144]);
});

test('the host: no limit was hit, and what moved long ago says nothing', (t) => {
  const { places, hits, kills } = host(t);
  const witness = new OomWitness(places);
  kills(10);
  hits('/system.slice', 0, 2);
  for (const { id } of seen) hits(scope(id), 0);
  witness.see(seen);
  witness.second(AT, null, false);
  kills(12);
  const { ownHits, aroundHits, hostKills } = witness.evidence(WEB.id, AT + 200, AT + 100);
  assert.deepEqual([ownHits, aroundHits, hostKills], [0, 0, 2]);
  assert.equal(witness.evidence(WEB.id, AT + 20_000, AT + 19_900).hostKills, 2, 'its end may come late');
  assert.equal(witness.evidence(WEB.id, AT + 90_000, AT + 89_900).hostKills, 0);
});

test('a limit that was hit before is not what the host killed for since', (t) => {
  const { places, hits, kills } = host(t);
  const witness = new OomWitness(places);
  kills(10);
  hits('/system.slice', 0, 2);
  witness.second(AT, null, false);
  hits('/system.slice', 0, 3);
  kills(11);
  witness.second(AT + 1000, null, false);
  assert.equal(witness.evidence(WEB.id, AT + 1500, AT + 1400).aroundHits, 1);
  kills(12);
  witness.second(AT + 20_000, null, false);
  const { aroundHits, hostKills } = witness.evidence(WEB.id, AT + 25_000, AT + 24_900);
  assert.deepEqual([aroundHits, hostKills], [0, 1]);
});

test('who held most is known by name afterwards, although the largest is gone', (t) => {
  const { places, holds, kills, remove } = host(t);
  const witness = new OomWitness(places);
  const reading = { monotonicNs: 0, totalKb: 4 << 20, availableKb: 40 * 1024, memoryFullAvg10: null };
  kills(0);
  holds(scope(WEB.id), 3000);
  holds(scope(DB.id), 200);
  holds('/system.slice/postgresql.service', 120);
  holds('/system.slice/idle.service', 0);
  witness.see([seen[0] ?? WEB]);
  // No snapshot has shown it: it lived too short.
  witness.name(DB.id, 'db');
  witness.second(AT, reading, true);
  remove(scope(WEB.id));
  witness.second(AT + 1000, reading, true);
  const { held, availableKb } = witness.evidence(WEB.id, AT + 1200, AT + 900);
  assert.deepEqual(held, [
    { name: 'web', kb: 3000 * 1024 },
    { name: 'db', kb: 200 * 1024 },
    { name: 'postgresql.service', kb: 120 * 1024 },
  ]);
  assert.equal(availableKb, 40 * 1024);
  assert.deepEqual(
    witness.evidence(WEB.id, AT + 120_000, AT + 120_000).held,
    [],
    'an old reading says nothing',
  );
  // The kernel killed at once, and the end came long after.
  kills(1);
  witness.second(AT + 1500, null, false);
  holds('/system.slice/late.service', 900);
  witness.second(AT + 40_000, reading, true);
  assert.equal(witness.evidence(WEB.id, AT + 55_000, AT + 54_900).held[0]?.name, 'db');
});

test('while memory is not short, nobody is noted', (t) => {
  const { places, holds } = host(t);
  const witness = new OomWitness(places);
  holds(scope(WEB.id), 3000);
  witness.see(seen);
  witness.second(AT, null, false);
  assert.deepEqual(witness.evidence(WEB.id, AT, AT).held, []);
});
