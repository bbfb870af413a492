import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { settingsOf, variableOf } from '../../daemon/src/app/config-environment.ts';
import { ConfigError, loadConfig, parseConfig } from '../../daemon/src/app/load-config.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';

const problemsOf = (source: string, environment = {}): string[] => {
  try {
    parseConfig(source, 'c.yaml', environment);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split('\n').sort();
  }
};

test('an empty file and a file with every default both give the defaults', () => {
  assert.deepEqual(parseConfig('', 'c.yaml'), DEFAULTS);
  assert.deepEqual(parseConfig('# nothing\n', 'c.yaml'), DEFAULTS);
  assert.deepEqual(parseConfig(stringify(DEFAULTS), 'c.yaml'), DEFAULTS);
});

test('each wrong value is reported with its line and column', () => {
  const problems = problemsOf('carnet: 12\nquotas:\n  low:\n    keep: -1\n    foo: 3\nmode: enforc\n');
  assert.equal(problems.length, 4);
  assert.match(problems[0] ?? '', /^c\.yaml:1:9: carnet: .*quotes/);
  assert.match(problems[1] ?? '', /^c\.yaml:4:11: quotas\.low\.keep: .*>=0/);
  assert.match(problems[2] ?? '', /^c\.yaml:5:\d+: quotas\.low\.foo: no such setting/);
  assert.match(problems[3] ?? '', /^c\.yaml:6:7: mode: .*enforc/);
});

test('a second YAML document is refused with its position', () => {
  assert.deepEqual(problemsOf('mode: observe\n---\nmode: enforce\n'), [
    'c.yaml:2:1: a second document begins here: the file must have only one',
  ]);
});

test('a number that would make a setting useless is refused with the allowed range', () => {
  // These would never release a throttle, never end an emergency, remove nothing, or select every container.
  const refused: Record<string, readonly number[]> = {
    'classify.releaseRatio': [0, 0.49, 1.01],
    'pressure.availablePercent': [-1, 40.1, 100, 1000],
    'pressure.fullAvg10': [0],
    'pressure.minReclaimPercent': [51],
    'pressure.coolDownSeconds': [0],
    'soft.cpuPercent': [0],
    'soft.memPercent': [0],
    'patterns.leak.risePercent': [0],
    'patterns.ioStorm.mibPerSecond': [0],
    'docker.timeoutSeconds': [0.1],
  };
  for (const [path, values] of Object.entries(refused)) {
    const variable = variableOf(path.split('.'));
    for (const value of values) {
      const [problem = ''] = problemsOf('', { [variable]: String(value) });
      const start = `${variable}: ${path}: must be a number >=`;
      assert.ok(problem.startsWith(start), `${path} ${value}: ${problem}`);
      assert.match(problem, /^.*: must be a number >=[\d.]+ and <=\d+, not -?[\d.]+$/);
    }
  }
  assert.deepEqual(problemsOf('topProcesses: 1.5'), [
    'c.yaml:1:15: topProcesses: must be a whole number >=1 and <=1000, not 1.5',
  ]);
  assert.deepEqual(problemsOf('patterns: { ioStorm: { mibPerSecond: .inf } }').length, 1);
});

test('every number has bounds: values beyond any machine are refused', () => {
  const numbers = settingsOf(DEFAULTS).filter(({ value }) => typeof value === 'number');
  assert.ok(numbers.length > 30, `${numbers.length} numbers`);
  for (const { path } of numbers) {
    for (const extreme of ['-1', '1e300', '.inf', '.nan'])
      assert.equal(
        problemsOf('', { [variableOf(path)]: extreme }).length,
        1,
        `${path.join('.')}: ${extreme}`,
      );
  }
});

test('broken YAML, a repeated key and a list instead of a map are errors with a position', () => {
  assert.match(problemsOf('a: [1\nb')[0] ?? '', /^c\.yaml:\d+:\d+: /);
  assert.match(problemsOf('mode: observe\nmode: enforce\n')[0] ?? '', /^c\.yaml:2:1: .*unique/);
  assert.match(problemsOf('- 1\n')[0] ?? '', /^c\.yaml:1:1: the file: /);
  assert.match(problemsOf('"a\\nb": 1\n')[0] ?? '', /^c\.yaml:1:\d+: "a\\nb": no such setting/);
  assert.match(problemsOf('carnet: &a x\nmode: *b\n')[0] ?? '', /^c\.yaml:2:7: .*alias/);
});

test('a quota without an image, a carnet with a slash and an open page without a token are refused', () => {
  assert.match(problemsOf('quotas: { low: { images: [] } }')[0] ?? '', /needs an image/);
  assert.deepEqual(problemsOf('quotas: { low: { keep: 0, images: [] } }'), []);
  assert.match(problemsOf('carnet: "../x"')[0] ?? '', /carnet/);
  assert.match(problemsOf('page: { host: 0.0.0.0 }')[0] ?? '', /loopback/);
  assert.deepEqual(problemsOf('page: { host: 0.0.0.0, tokenFile: /etc/vigia/token }'), []);
  assert.match(problemsOf('page: { host: vigia.lan, tokenFile: /t }')[0] ?? '', /IP address/);
});

test('a configuration file that is named and missing is an error', () => {
  assert.throws(() => loadConfig('/nowhere/c.yaml'), ConfigError);
});

/** Another valid value of the same kind. */
const otherThan = (path: string, value: unknown): unknown => {
  const special: Record<string, unknown> = {
    mode: 'observe',
    sensor: 'procfs',
    'page.host': '::1',
    'page.tokenFile': '/etc/vigia/token',
    'grafana.atEnd': 'stop',
    'classify.releaseRatio': 0.5,
  };
  if (path in special) return special[path];
  if (typeof value === 'string') return `${value}x`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return ['other/image'];
};

test('every setting has an environment variable, which overrides the file', () => {
  const settings = settingsOf(DEFAULTS);
  assert.ok(settings.length > 50);
  assert.equal(new Set(settings.map(({ path }) => variableOf(path))).size, settings.length);
  for (const { path, value } of settings) {
    const expected = otherThan(path.join('.'), value);
    const text = typeof expected === 'string' ? expected : JSON.stringify(expected);
    const config = parseConfig(stringify(DEFAULTS), 'c.yaml', { [variableOf(path)]: text });
    const changed = settingsOf(config).filter(
      ({ value }, i) => JSON.stringify(value) !== JSON.stringify(settings[i]?.value),
    );
    assert.deepEqual(changed, [{ path, value: expected }], variableOf(path));
  }
});

test('variables are named after the setting, and other variables are ignored', () => {
  const config = parseConfig('page: { port: 1 }', 'c.yaml', {
    VIGIA_CONFIG_PAGE_TOKEN_FILE: '/etc/vigia/token',
    VIGIA_CONFIG_PAGE_HOST: '0.0.0.0',
    VIGIA_CONFIG_CARNET: '42',
    VIGIA_CONFIG_QUOTAS_LOW_IMAGES: '[a, b]',
    VIGIA_DATA: '/x',
    PATH: '/bin',
  });
  assert.deepEqual(config.page, { host: '0.0.0.0', port: 1, tokenFile: '/etc/vigia/token' });
  assert.equal(config.carnet, '42');
  assert.deepEqual(config.quotas.low.images, ['a', 'b']);
  assert.equal(
    parseConfig('page: { tokenFile: /t }', 'c', { VIGIA_CONFIG_PAGE_TOKEN_FILE: 'null' }).page.tokenFile,
    null,
  );
});

test('a wrong variable is named: an unknown setting, a value of the wrong kind, broken YAML', () => {
  assert.match(
    problemsOf('', { VIGIA_CONFIG_PAGE_PROT: '1' })[0] ?? '',
    /^VIGIA_CONFIG_PAGE_PROT: no such setting/,
  );
  assert.match(
    problemsOf('page: { port: 1 }', { VIGIA_CONFIG_PAGE_PORT: 'x' })[0] ?? '',
    /^VIGIA_CONFIG_PAGE_PORT: page\.port: .*number/,
  );
  assert.match(
    problemsOf('', { VIGIA_CONFIG_PROTECT_NAMES: '[a' })[0] ?? '',
    /^VIGIA_CONFIG_PROTECT_NAMES: /,
  );
  assert.match(
    problemsOf('', { VIGIA_CONFIG_PAGE_HOST: '0.0.0.0' })[0] ?? '',
    /^VIGIA_CONFIG_PAGE_HOST: page\.host: only loopback/,
  );
  // A mistake in the file keeps its position.
  assert.match(problemsOf('page: 5', { VIGIA_CONFIG_PAGE_PORT: '1' })[0] ?? '', /^c\.yaml:1:7: page: /);
});
