import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { ConfigError, parseConfig } from '../../daemon/src/app/load-config.ts';
import { type Config, DEFAULTS } from '../../daemon/src/model/config.ts';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { type Reading, SensorError } from '../../daemon/src/sense/reading.ts';
import { readSensorFile, SensorFileError } from '../../daemon/src/sense/sensor-file.ts';
import { mutated, SEED } from './mutations.ts';

/** Every file from outside is read as valid or refused with a message: never another exception, never a hang. */
const SAMPLES = join(import.meta.dirname, '../../contract/samples');
const CONTINFO = readFileSync(join(SAMPLES, 'continfo-four-docker-containers.json'), 'utf8');
const SYSINFO = readFileSync(join(SAMPLES, 'sysinfo-docker-host.json'), 'utf8');
const OLDER = JSON.stringify({
  total_memory_kb: '8235000',
  processes: [
    {
      process_name: 'x',
      pid: '12',
      container_id: 'abc',
      memory_usage_percent: '0.1',
      cpu_usage_percent: '1',
    },
  ],
});

const DEEP_JSON = ['['.repeat(50_000), '{"a":'.repeat(50_000), ']'.repeat(100)];

/** Far more time than a busy machine needs: only a hang takes longer. */
const HANG_TIMEOUT = { timeout: 300_000 };
const run = (numRuns: number) => ({ seed: SEED, numRuns });

/** Asserts that every number in it is finite. */
function assertFinite(value: unknown, path: string): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (value instanceof Map) for (const [key, one] of value) assertFinite(one, `${path}.${key}`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) assertFinite(one, `${path}.${key}`);
}

test(
  `sensors: a mutated file is a valid reading or a SensorError (seed ${SEED})`,
  HANG_TIMEOUT,
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'vigia-fuzz-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    const write = (name: string, text: string | Buffer) => writeFileSync(join(dir, `${name}_so1_1`), text);
    await using modules = new KernelModules('1', dir);
    const counts = { read: 0, refused: 0 };
    const readOnce = async (): Promise<void> => {
      let reading: Reading;
      try {
        reading = await modules.read();
      } catch (error) {
        assert.ok(error instanceof SensorError && error.message.length > 10, String(error));
        counts.refused += 1;
        return;
      }
      counts.read += 1;
      assertFinite(reading, 'reading');
      for (const [id, { cgroup }] of reading.containers) assert.match(`${id}${cgroup}`, /^[0-9a-f]{64}/);
      assert.equal(reading.processCounts.total, reading.processes.length);
    };
    for (const [name, sample] of [
      ['continfo', CONTINFO],
      ['sysinfo', SYSINFO],
    ] as const) {
      write('continfo', CONTINFO);
      write('sysinfo', SYSINFO);
      await modules.read();
      await fc.assert(
        fc.asyncProperty(mutated([sample], DEEP_JSON), async (bytes) => {
          write(name, bytes);
          await readOnce();
        }),
        run(100),
      );
    }
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.read > 10 && counts.refused > 100, JSON.stringify(counts));
  },
);

test(`classify: a mutated file is rows or a SensorFileError (seed ${SEED})`, HANG_TIMEOUT, (t) => {
  const counts = { read: 0, refused: 0 };
  fc.assert(
    fc.property(mutated([CONTINFO, SYSINFO, OLDER, OLDER], DEEP_JSON), (bytes) => {
      try {
        assertFinite(readSensorFile(bytes.toString('utf8')), 'file');
        counts.read += 1;
      } catch (error) {
        if (!(error instanceof SensorFileError)) throw error;
        counts.refused += 1;
      }
    }),
    run(300),
  );
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.read > 10 && counts.refused > 100, JSON.stringify(counts));
});

const YAML_PIECES = [
  '&a ',
  '*a',
  '*undefined',
  '<<: *a\n',
  '!!binary ',
  '!!js/function ',
  '!unknown ',
  '---\n',
  '...\n',
  '? ',
  '|\n',
  '>-\n ',
  '%YAML 9.9\n',
  '\t',
  '  ',
  '\n',
  ': ',
  '# ',
  '@',
  '`',
  '1: 1\n',
  '[a]: b\n',
  '{a: 1}: b\n',
  'null: x\n',
  'constructor: x\n',
  '['.repeat(1000),
  '- '.repeat(1000),
  // A few hundred bytes that would expand to 9^9 values.
  `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`)}]\n`).join('')}`,
];

test(
  `configuration: mutated YAML is a valid one, or errors with a position each (seed ${SEED})`,
  HANG_TIMEOUT,
  (t) => {
    const counts = { read: 0, refused: 0 };
    const examples = [
      stringify(DEFAULTS),
      'carnet: "1"\nmode: observe # look only\nquotas:\n  low: { keep: 1, images: [a, b] }\npage: { host: "::1", port: 80 }\n',
      '',
    ];
    fc.assert(
      fc.property(mutated(examples, YAML_PIECES), (bytes) => {
        let config: Config;
        try {
          config = parseConfig(bytes.toString('utf8'), 'c.yaml');
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          for (const line of error.message.split('\n'))
            assert.match(line, /^c\.yaml:[1-9]\d*:[1-9]\d*: .{5}/);
          counts.refused += 1;
          return;
        }
        counts.read += 1;
        assertFinite(config, 'config');
        assert.deepEqual(Object.keys(config).sort(), Object.keys(DEFAULTS).sort());
      }),
      run(400),
    );
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.read > 10 && counts.refused > 100, JSON.stringify(counts));
  },
);
