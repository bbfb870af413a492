import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { settingsOf, variableOf } from '../../daemon/src/app/config-environment.ts';
import { inFileForm } from '../../daemon/src/app/config-in-file-form.ts';
import { ConfigError, loadConfig, parseConfig } from '../../daemon/src/app/load-config.ts';
import { type Config, DEFAULTS, DEMO_DEFAULTS, isWorkloadOn } from '../../daemon/src/model/config.ts';
import { REMEDIES } from '../../daemon/src/model/container-policy.ts';

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

test('without a configuration Vigía looks on: it starts, trims and schedules nothing', () => {
  const { mode, quotas, cron, demo } = parseConfig('', 'c.yaml');
  assert.deepEqual([mode, cron.install, demo], ['observe', false, false]);
  for (const { keep, trim } of [quotas.low, quotas.high]) assert.deepEqual([keep, trim], [0, false]);
});

test("demo: true gives the assignment's set-up; keys that the file sets win", () => {
  assert.deepEqual(parseConfig('demo: true', 'c.yaml'), DEMO_DEFAULTS);
  const { mode, quotas, cron } = parseConfig('demo: true', 'c.yaml');
  assert.deepEqual([mode, quotas.low.keep, quotas.high.keep, cron.install], ['enforce', 3, 2, true]);
  const own = parseConfig('demo: true\nmode: dry-run\nquotas: { low: { keep: 5 } }\n', 'c.yaml');
  assert.deepEqual([own.mode, own.quotas.low.keep, own.quotas.low.trim], ['dry-run', 5, true]);
  assert.deepEqual([own.quotas.high.keep, own.cron.install], [2, true]);
  assert.equal(parseConfig('demo: true', 'c.yaml', { VIGIA_CONFIG_DEMO: 'false' }).mode, 'observe');
  assert.equal(parseConfig('', 'c.yaml', { VIGIA_CONFIG_DEMO: 'true' }).mode, 'enforce');
});

test('the cron job is in force only where Vigía also removes', () => {
  for (const mode of ['observe', 'dry-run', 'enforce'] as const) {
    const config = parseConfig(`mode: ${mode}\ncron: { install: true }`, 'c.yaml');
    assert.equal(isWorkloadOn(config), mode === 'enforce', mode);
  }
  assert.equal(isWorkloadOn(parseConfig('mode: enforce', 'c.yaml')), false);
});

test('manage: each entry has its own settings and its line', () => {
  const source = `mode: enforce
manage:
  - name: web
  - { project: shop, service: db, allow: none, dependants: [web, api] }
  # Every container of this image.
  - image: postgres
    allow: [throttle, restart]
    priority: -3
    cpuPercent: 150
    expectedMib: 512
    graceSeconds: 120
`;
  const none = { allow: null, priority: null, cpuPercent: null, expectedMib: null, graceSeconds: null };
  assert.deepEqual(parseConfig(source, 'c.yaml').manage, [
    { ...none, match: { name: 'web' }, dependants: [], at: 'c.yaml:3' },
    {
      ...none,
      match: { project: 'shop', service: 'db' },
      allow: [],
      dependants: ['web', 'api'],
      at: 'c.yaml:4',
    },
    {
      match: { image: 'postgres' },
      allow: ['throttle', 'restart'],
      priority: -3,
      cpuPercent: 150,
      expectedMib: 512,
      graceSeconds: 120,
      dependants: [],
      at: 'c.yaml:6',
    },
  ]);
  const [fromVariable] = parseConfig('', 'c.yaml', { VIGIA_CONFIG_MANAGE: '[{ label: a=b }]' }).manage;
  assert.deepEqual([fromVariable?.match, fromVariable?.at], [{ label: 'a=b' }, 'VIGIA_CONFIG_MANAGE']);
});

test('manage: an entry without a match, an unknown remedy and an unknown key are refused with their line', () => {
  assert.deepEqual(problemsOf('manage:\n  - name: web\n  - allow: none\n'), [
    'c.yaml:3:5: manage.1: needs at least one of name, image, label, project, service: which containers is it about?',
  ]);
  assert.match(
    problemsOf('manage:\n  - { name: web, allow: [throttle, remove] }\n')[0] ?? '',
    /^c\.yaml:2:25: manage\.0\.allow: must be none, or a list of throttle, squeeze, restart, stop, kill$/,
  );
  assert.match(
    problemsOf('manage:\n  - { name: web, allow: all }\n')[0] ?? '',
    /^c\.yaml:2:25: manage\.0\.allow: must be none, or a list of throttle, /,
  );
  assert.match(
    problemsOf('manage: [{ name: web, alow: none }]')[0] ?? '',
    /manage\.0\.alow: no such setting/,
  );
  assert.match(problemsOf('manage: [{ name: "" }]')[0] ?? '', /^c\.yaml:1:18: manage\.0\.name: /);
  assert.match(problemsOf('manage: web')[0] ?? '', /^c\.yaml:1:9: manage: /);
  assert.equal(
    problemsOf('manage: [{ name: web, cpuPercent: 0, expectedMib: .inf, graceSeconds: -1 }]').length,
    3,
  );
});

const text = fc.stringMatching(/^[a-z][a-z0-9 :#'"-]{0,12}[a-z]$/);
const entry = fc
  .record(
    {
      name: text,
      image: text,
      label: text,
      project: text,
      service: text,
      allow: fc.oneof(fc.constant('none' as const), fc.subarray([...REMEDIES], { minLength: 1 })),
      priority: fc.integer({ min: -100, max: 100 }),
      cpuPercent: fc.integer({ min: 1, max: 800 }),
      expectedMib: fc.integer({ min: 1, max: 100_000 }),
      graceSeconds: fc.integer({ min: 0, max: 3600 }),
      dependants: fc.array(text, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['name'] },
  )
  .chain((full) =>
    fc.constantFrom('name', 'image', 'label', 'project', 'service').map((kept) => {
      const { name, ...others } = full;
      return kept in others ? others : full;
    }),
  );

test('what config show prints is a configuration that gives the same, wherever the entries come from', () => {
  const withoutLines = (config: Config) => ({
    ...config,
    manage: config.manage.map(({ at: _, ...one }) => one),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 4 }), fc.boolean(), fc.array(text), (manage, demo, names) => {
      const config = parseConfig(stringify({ demo, manage, release: { names } }), 'c.yaml');
      assert.equal(JSON.stringify(inFileForm(config).manage), JSON.stringify(manage));
      const shown = parseConfig(stringify(inFileForm(config)), 'shown.yaml');
      assert.deepEqual(withoutLines(shown), withoutLines(config));
    }),
  );
});

/** A main file, and drop-ins by name. */
function files(t: TestContext, main: string | null, dropIns: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-config-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  if (main !== null) writeFileSync(join(dir, 'config.yaml'), main);
  mkdirSync(join(dir, 'vigia.d'));
  for (const [name, content] of Object.entries(dropIns)) writeFileSync(join(dir, 'vigia.d', name), content);
  return dir;
}
const loaded = (dir: string, environment = {}, warn?: (message: string) => void): Config =>
  loadConfig(join(dir, 'config.yaml'), environment, warn ? { warn } : {});

test('drop-ins: lists grow, also from the defaults; single values override; the environment keeps precedence', (t) => {
  const dir = files(t, 'mode: dry-run\nprotect: { images: [postgres] }\nmanage: [{ name: web }]\n', {
    '10.yaml': 'protect: { names: [db], images: [redis, postgres] }\nmanage: [{ name: a }, { name: b }]\n',
    '20.yaml': 'mode: enforce\nrelease: { names: [x] }\nmanage: [{ name: web, allow: none }]\n',
    '20.yaml~': 'mode: wrong',
    '.30.yaml': 'mode: wrong',
    README: 'not YAML: [',
  });
  const config = loaded(dir);
  assert.deepEqual(config.protect, { names: ['vigia-grafana', 'db'], images: ['postgres', 'redis'] });
  assert.equal(config.mode, 'enforce');
  assert.deepEqual(config.release.names, ['x']);
  // The first entry that matches counts: a later file overrides an earlier one.
  assert.deepEqual(
    config.manage.map(({ match, at }) => [match.name, at.slice(dir.length + 1)]),
    [
      ['web', 'vigia.d/20.yaml:3'],
      ['a', 'vigia.d/10.yaml:2'],
      ['b', 'vigia.d/10.yaml:2'],
      ['web', 'config.yaml:3'],
    ],
  );
  const other = loaded(dir, { VIGIA_CONFIG_MODE: 'observe', VIGIA_CONFIG_PROTECT_NAMES: '[z]' });
  assert.deepEqual([other.mode, other.protect.names], ['observe', ['z', 'db']]);
});

test('drop-ins: demo in one of them changes the defaults of the main file, and no key that it sets', (t) => {
  const kept = { 'kept.yaml': 'demo: true\n' };
  const { mode, quotas, cron } = loaded(files(t, 'cron: { install: false }\n', kept));
  assert.deepEqual([mode, quotas.low.keep, cron.install], ['enforce', 3, false]);
  assert.equal(loaded(files(t, 'mode: observe\n', kept)).mode, 'observe');
  assert.equal(loaded(files(t, 'demo: true\n', { 'a.yaml': 'demo: false' })).mode, 'observe');
  const asked = loadConfig(
    join(files(t, 'demo: false\n', { 'a.yaml': 'demo: false' }), 'config.yaml'),
    {},
    { demo: true },
  );
  assert.deepEqual(asked, DEMO_DEFAULTS);
});

test('drop-ins: one that overrides what the main file says is reported', (t) => {
  const dir = files(t, 'mode: observe\n', { 'kept.yaml': '# from 0.1\nmode: enforce\ndemo: true\n' });
  const warnings: string[] = [];
  assert.equal(loaded(dir, {}, (message) => warnings.push(message)).mode, 'enforce');
  assert.deepEqual(warnings, [
    `${dir}/vigia.d/kept.yaml:2 sets mode: enforce, which overrides mode: observe of ${dir}/config.yaml`,
  ]);
  warnings.length = 0;
  loaded(files(t, '', { 'kept.yaml': 'mode: enforce' }), {}, (message) => warnings.push(message));
  assert.deepEqual(warnings, []);
});

test('drop-ins: mistakes in all files are reported at once, each with its own file and line', (t) => {
  const dir = files(t, 'mode: enforc\n', {
    'a.yaml': 'manage:\n  - allow: none\n',
    'b.yaml': '\nquotas: { low: { keep: 9 } }\n',
  });
  assert.throws(
    () => loaded(dir),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      const lines = error.message.replaceAll(dir, '').split('\n');
      assert.equal(lines.length, 3);
      assert.match(lines[0] ?? '', /^\/config\.yaml:1:7: mode: /);
      assert.match(lines[1] ?? '', /^\/vigia\.d\/a\.yaml:2:5: manage\.0: needs at least one of /);
      assert.match(
        lines[2] ?? '',
        /^\/vigia\.d\/b\.yaml:2:9: quotas: a file of vigia\.d may set demo, mode, /,
      );
      return true;
    },
  );
  const broken = files(t, 'a: [1\n', { 'a.yaml': 'b: {' });
  assert.throws(() => loaded(broken), /config\.yaml:[\s\S]*vigia\.d\/a\.yaml:/);
});

test('a socket that has no safe form in a cron job is refused', () => {
  for (const socket of ['docker.sock', 'unix:///run/docker.sock', '/run/a\\\\b.sock', '/run/a\\nb.sock'])
    assert.match(
      problemsOf(`docker: { socket: "${socket}" }`)[0] ?? '',
      /^c\.yaml:1:19: docker\.socket: must /,
      socket,
    );
  assert.deepEqual(problemsOf(`docker: { socket: "/run/my engine's %d.sock" }`), []);
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
    'pressure.fullBelowPercent': [101],
    'act.idlePercent': [101],
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
  assert.match(problemsOf('quotas: { low: { keep: 1, images: [] } }')[0] ?? '', /needs an image/);
  assert.deepEqual(problemsOf('quotas: { low: { keep: 0, images: [] } }'), []);
  assert.match(problemsOf('carnet: "../x"')[0] ?? '', /carnet/);
  assert.match(problemsOf('page: { host: 0.0.0.0 }')[0] ?? '', /loopback/);
  assert.deepEqual(problemsOf('page: { host: 0.0.0.0, tokenFile: /etc/vigia/token }'), []);
  assert.match(problemsOf('page: { host: vigia.lan, tokenFile: /t }')[0] ?? '', /IP address/);
});

test('a configuration file that is named and missing is an error', () => {
  assert.throws(() => loadConfig('/nowhere/c.yaml'), ConfigError);
});

const NOTIFY_RULES = [
  {
    ...{ channels: [], events: ['stopped'], kinds: [], severity: 'critical', quiet: null, group: 'cycle' },
    ...{ repeatSeconds: 60, remindSeconds: 0 },
  },
];

/** Another valid value of the same kind. */
const otherThan = (path: string, value: unknown): unknown => {
  const special: Record<string, unknown> = {
    mode: 'enforce',
    sensor: 'procfs',
    manage: [{ name: 'web' }],
    maintenance: [
      { at: '30 3 * * *', minutes: 60, timeZone: null, targets: [], reason: 'backup', all: false },
    ],
    'page.host': '::1',
    'page.tokenFile': '/etc/vigia/token',
    'grafana.atEnd': 'stop',
    'notify.language': 'es',
    'notify.channels': [{ name: 'a', kind: 'ntfy', url: 'http://x', topic: 't', tokenFile: null }],
    'notify.rules': NOTIFY_RULES,
    'disk.remedy': 'remove-disposables',
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
    const config = inFileForm(parseConfig(stringify(DEFAULTS), 'c.yaml', { [variableOf(path)]: text }));
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

test('a DOCKER_HOST that is no Unix socket is refused, unless the configuration names a socket', () => {
  for (const host of ['tcp://10.0.0.1:2376', 'ssh://root@host', 'npipe:////./pipe/docker'])
    assert.match(problemsOf('', { DOCKER_HOST: host }).join(), /DOCKER_HOST=.*through a Unix socket only/);
  for (const host of ['', 'unix:///run/user/1000/docker.sock', '/run/docker.sock'])
    assert.ok(parseConfig('', 'c.yaml', { DOCKER_HOST: host }));
  const config = parseConfig('docker: {socket: /run/docker.sock}', 'c.yaml', { DOCKER_HOST: 'tcp://h:1' });
  assert.equal(config.docker.socket, '/run/docker.sock');
});
