import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { applyClassLines } from '../../daemon/src/classify/classify.ts';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { PreferredSensor } from '../../daemon/src/sense/preferred.ts';
import { type Reading, SensorError } from '../../daemon/src/sense/reading.ts';
import {
  fromReading,
  readSensorFile,
  SensorFileError,
  type SensorRow,
  withRates,
} from '../../daemon/src/sense/sensor-file.ts';
import { config } from './builders.ts';

const SAMPLES = join(import.meta.dirname, '../../contract/samples');
const CONTINFO = readFileSync(join(SAMPLES, 'continfo-four-docker-containers.json'), 'utf8');
const SYSINFO = readFileSync(join(SAMPLES, 'sysinfo-docker-host.json'), 'utf8');

/** A folder with both files that replaces /proc. */
function proc(t: TestContext, continfo = CONTINFO, sysinfo = SYSINFO): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-proc-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'continfo_so1_1'), continfo);
  writeFileSync(join(dir, 'sysinfo_so1_1'), sysinfo);
  return dir;
}

async function read(dir: string): Promise<Reading> {
  await using modules = new KernelModules('1', dir);
  return await modules.read();
}

const order = (a: SensorRow, b: SensorRow) => (a.containerId ?? '').localeCompare(b.containerId ?? '');

const assertRefused = (t: TestContext, continfo: string, pattern: RegExp) =>
  assert.rejects(
    read(proc(t, continfo)),
    (error) => error instanceof SensorError && pattern.test(error.message),
  );

test('real captures of both files are read completely', async (t) => {
  const reading = await read(proc(t));
  const containers = JSON.parse(CONTINFO).containers as {
    id: string;
    rss_kb: number;
    processes: unknown[];
  }[];
  assert.ok(containers.length >= 2, 'the capture has several containers');
  assert.equal(reading.containers.size, containers.length);
  for (const { id, rss_kb } of containers) assert.equal(reading.containers.get(id)?.rssKb, rss_kb);
  assert.equal(reading.processes.length, JSON.parse(SYSINFO).processes.length);
  assert.equal(reading.processCounts.total, reading.processes.length);
});

test('a reading has the rows that the file of the modules has', async (t) => {
  const file = readSensorFile(CONTINFO);
  const reading = fromReading(await read(proc(t)), file.timestampNs ?? 0);
  assert.equal(file.rows.length, 4);
  // The two files of the capture are of different moments, and memory is that of the other one.
  const { memory } = JSON.parse(SYSINFO);
  assert.deepEqual(reading, {
    ...file,
    ...{ totalKb: memory.total_kb, freeKb: memory.free_kb, usedKb: memory.used_kb },
    rows: reading.rows,
  });
  assert.deepEqual(reading.rows.toSorted(order), file.rows.toSorted(order));
});

test('a file that is truncated anywhere is refused', async (t) => {
  const dir = proc(t);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: Buffer.byteLength(CONTINFO.trimEnd()) - 1 }),
      async (length) => {
        writeFileSync(join(dir, 'continfo_so1_1'), CONTINFO);
        truncateSync(join(dir, 'continfo_so1_1'), length);
        await assert.rejects(read(dir), SensorError);
      },
    ),
    { numRuns: 60 },
  );
});

test('a file that is empty, not JSON, of another schema, incomplete or missing is refused with the reason', async (t) => {
  const altered = (change: object) => JSON.stringify({ ...JSON.parse(CONTINFO), ...change });
  await assertRefused(t, '', /is empty/);
  await assertRefused(t, '<html>', /not JSON after 6 characters/);
  await assertRefused(t, '[]', /not schema 1/);
  await assertRefused(t, altered({ schema: 2 }), /"schema"/);
  await assertRefused(t, altered({ complete: undefined }), /"complete"/);
  await assertRefused(t, altered({ containers: [{ id: 'short' }] }), /"containers\.0/);
  await assertRefused(t, altered({ cpus: -1 }), /"cpus"/);
  // JSON.parse turns 1e999 into infinity; 1e20 exceeds 64 bits.
  await assertRefused(t, CONTINFO.replace(/"cpu_percent":[\d.]+/, '"cpu_percent":1e999'), /cpu_percent/);
  await assertRefused(t, CONTINFO.replace(/"total_kb":\d+/, '"total_kb":1e999'), /total_kb/);
  await assertRefused(t, CONTINFO.replace(/"sequence":\d+/, '"sequence":1e20'), /"sequence"/);
  await assert.rejects(read('/nowhere'), /cannot read \/nowhere/);
});

test('a cgroup that a user names after a container is not taken for that container', async (t) => {
  const { containers, ...rest } = JSON.parse(CONTINFO);
  const [real, ...others] = containers;
  const fake = { ...real, pid: 4242, cgroup: `/user.slice/user-1000.slice/user@1000.service/${real.id}` };
  for (const rows of [
    [fake, real, ...others],
    [real, ...others, fake],
  ]) {
    const reading = await read(proc(t, JSON.stringify({ ...rest, containers: rows })));
    assert.equal(reading.containers.get(real.id)?.pid, real.pid);
    assert.equal(reading.containers.size, containers.length);
  }
});

test('without modules the reading comes from /proc, and describes this process correctly', async () => {
  const reading = await new PreferredSensor(config({ sensor: 'auto', carnet: 'not-loaded' })).read();
  assert.equal(reading.kind, 'procfs');
  const self = reading.processes.find(({ pid }) => pid === process.pid);
  assert.ok(self);
  assert.equal(self.ppid, process.ppid);
  assert.equal(self.uid, process.getuid?.());
  assert.ok(self.cmdline?.startsWith(process.argv0));
  assert.ok(Math.abs(self.rssKb * 1024 - process.memoryUsage.rss()) < 64 * 1024 * 1024);
});

test('sensor: kernel does not fall back', async () => {
  await assert.rejects(
    new PreferredSensor(config({ sensor: 'kernel', carnet: 'not-loaded' })).read(),
    SensorError,
  );
});

/** A file of the shape that the earlier module's document shows, with these figures of one container. */
const older = (figures: object = {}) =>
  JSON.stringify({
    total_memory_kb: '8235000',
    free_memory_kb: '512000',
    used_memory_kb: '7728000',
    processes: [
      {
        process_name: 'containerd-shim',
        pid: '12345',
        container_id: 'abc123',
        vsz_kb: '1248576',
        rss_kb: '14336',
        memory_usage_percent: '0.17',
        cpu_usage_percent: '0.05',
        ...figures,
      },
    ],
  });

test("the analyser reads the older module's file, figures as text", () => {
  for (const text of [older(), `\ufeff${older()}`]) {
    const file = readSensorFile(text);
    assert.equal(file.shape, 'container_info');
    assert.deepEqual([file.totalKb, file.freeKb, file.usedKb], [8_235_000, 512_000, 7_728_000]);
    assert.deepEqual(file.rows, [
      { pid: 12345, name: 'containerd-shim', containerId: 'abc123', cpuPercent: 0.05, memPercent: 0.17 },
    ]);
  }
});

for (const [cpu, memory, expected] of [
  ['0.09', '0.16', 'low'],
  ['0', '0', 'low'],
  [0.09, 0.16, 'low'],
  ['0.0901', '0.16', 'high'],
  ['0.09', '0.1601', 'high'],
  ['15.34', '0.01', 'high'],
  ['0.02', '1.56', 'high'],
  ['15.34', '1.56', 'high'],
] as const) {
  test(`the older shape: CPU ${JSON.stringify(cpu)} % and memory ${JSON.stringify(memory)} % are ${expected}`, () => {
    const [row] = readSensorFile(older({ cpu_usage_percent: cpu, memory_usage_percent: memory })).rows;
    assert.ok(row);
    assert.equal(applyClassLines(row.cpuPercent, row.memPercent, 'unknown', config()).level, expected);
  });
}

test('the older shape: a bad figure is named with its field; a syntax error takes one line', () => {
  const message = (text: string): string => {
    try {
      readSensorFile(text);
    } catch (error) {
      assert.ok(error instanceof SensorFileError);
      return error.message;
    }
    return 'no error';
  };
  for (const bad of ['-0.1', 'abc', '0,17', '.17', '1e300', '', null, -1, true, { a: 1 }]) {
    assert.equal(
      message(older({ cpu_usage_percent: bad })),
      `looks like container_info (older shape), but "processes.0.cpu_usage_percent": must be a number ≥ 0, not ${JSON.stringify(bad)}`,
    );
  }
  assert.ok(message(older({ pid: 'x'.repeat(1_000) })).length < 200);
  assert.match(message('{\n  "a": [\n    1,\n  ]\n}\n'), /^not JSON: [^\n]+$/);
});

test('two readings give rates; a new run, or a sum that went down, keeps its average', () => {
  const { containers, ...rest } = JSON.parse(CONTINFO);
  const [first, second, third, fourth] = containers;
  const before = readSensorFile(CONTINFO);
  const after = readSensorFile(
    JSON.stringify({
      ...rest,
      timestamp_ns: rest.timestamp_ns + 10e9,
      containers: [
        { ...first, cpu_time_ns: first.cpu_time_ns + 2e9 },
        second,
        { ...third, start_ns: third.start_ns + 5e9, cpu_percent: 7 },
        { ...fourth, cpu_time_ns: 0, cpu_percent: 8 },
      ],
    }),
  );
  const rates = withRates(before, after).rows.map(({ cpuPercent }) => cpuPercent);
  assert.deepEqual(rates, [20, 0, 7, 8]);
  // The same reading twice: no time in between.
  assert.deepEqual(withRates(before, before), before);
});

test('the analyser recognises each shape and refuses any other', () => {
  assert.equal(readSensorFile(CONTINFO).shape, 'continfo');
  assert.equal(readSensorFile(SYSINFO).shape, 'sysinfo');
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '{}',
    '{"total_memory_kb":"x","processes":[]}',
    '{"containers":[{}]}',
    `{"total_memory_kb":"${'9'.repeat(400)}","processes":[]}`,
  ]) {
    assert.throws(() => readSensorFile(text), SensorFileError, text);
  }
});

test('an error that quotes unreadable text contains no escape sequences', (t) => {
  const file = join(proc(t), 'hostile.json');
  writeFileSync(file, '[\u001b]0;x\u0007');
  const { status, stderr } = spawnSync(join(import.meta.dirname, '../../vigia'), ['classify', file], {
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /\\x1b\]0;x\\x07/);
  assert.ok(!stderr.includes('\u001b'));
});
