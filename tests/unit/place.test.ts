import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { editDropIn, type Placement, type Request } from '../../daemon/src/app/edit-drop-in.ts';
import { parseConfig } from '../../daemon/src/app/load-config.ts';
import { REMEDIES, type Remedy } from '../../daemon/src/model/container-policy.ts';
import { listingEngine } from './listing-engine.ts';

/** vigia protect, manage and release: the file that they write, and what they print. */

const VIGIA = join(import.meta.dirname, '../../daemon/src/cli/vigia.ts');

const request = (
  placement: Placement,
  match: Request['match'] | string,
  allow: readonly Remedy[] | null = null,
): Request => ({ placement, match: typeof match === 'string' ? { name: match } : match, allow });
const edited = (text: string, ...requests: Request[]): string => requests.reduce(editDropIn, text);

test('an entry is added; comments, other entries and their order stay', () => {
  const before = `# Ours: ask Ana before you change it.
mode: enforce
protect:
  names:
    # The accounts.
    - ledger
manage:
  # Everything of the shop, the database apart.
  - project: shop
    priority: 3
`;
  const after = edited(before, request('protect', 'db'), request('manage', 'web', ['throttle', 'restart']));
  assert.equal(
    after,
    `# Ours: ask Ana before you change it.
mode: enforce
protect:
  names:
    # The accounts.
    - ledger
    - db
manage:
  - name: web
    allow: [ throttle, restart ]
  # Everything of the shop, the database apart.
  - project: shop
    priority: 3
`,
  );
});

test('the same request twice gives the same text, byte by byte', () => {
  for (const text of ['', 'manage: [ {name: web,   priority: 2} ]\n', '# only a comment\n']) {
    const once = edited(text, request('manage', 'web'), request('protect', 'db'), request('release', 'x'));
    const again = edited(once, request('manage', 'web'), request('protect', 'db'), request('release', 'x'));
    assert.equal(again, once);
  }
  // A flow list that its owner wrote is not laid out again where nothing changes.
  const own = 'manage: [ {name: web,   priority: 2} ]\n';
  assert.equal(edited(own, request('manage', 'web')), own);
});

test('a name moves between the lists, and an empty list leaves no trace', () => {
  const managed = edited('', request('manage', 'web'));
  assert.deepEqual(parse(managed), { manage: [{ name: 'web' }] });
  const shielded = edited(managed, request('protect', 'web'));
  assert.deepEqual(parse(shielded), { protect: { names: ['web'] } });
  const released = edited(shielded, request('release', 'web'));
  assert.deepEqual(parse(released), { release: { names: ['web'] } });
  assert.deepEqual(parse(edited(released, request('manage', 'web'))), { manage: [{ name: 'web' }] });
});

test('manage: --allow changes the entry that is there, and without it the entry keeps its own', () => {
  const none = edited('', request('manage', 'web', []));
  assert.deepEqual(parse(none), { manage: [{ name: 'web', allow: 'none' }] });
  assert.equal(edited(none, request('manage', 'web')), none);
  const stop = edited(none, request('manage', 'web', ['stop']));
  assert.deepEqual(parse(stop), { manage: [{ name: 'web', allow: ['stop'] }] });
});

test('release undoes a project entry, and no entry that says more', () => {
  const text = edited(
    '',
    request('manage', { project: 'shop' }),
    request('manage', { project: 'shop', service: 'db' }),
  );
  const after = edited(text, request('release', { project: 'shop' }));
  assert.deepEqual(parse(after), { manage: [{ project: 'shop', service: 'db' }] });
});

test('after any requests each name is in the list of its last one, and the file is valid', () => {
  const name = fc.constantFrom('a', 'b', 'true', '12', 'x-1.y');
  const any = fc.record({
    placement: fc.constantFrom<Placement>('protect', 'manage', 'release'),
    name,
    allow: fc.option(fc.subarray([...REMEDIES])),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 12 }), (all) => {
      const text = edited('', ...all.map((one) => request(one.placement, one.name, one.allow)));
      const config = parseConfig(text, 'c.yaml');
      const lists: Record<Placement, readonly unknown[]> = {
        // Without the default.
        protect: config.protect.names.filter((one) => one !== 'vigia-grafana'),
        manage: config.manage.map(({ match }) => match.name),
        release: config.release.names,
      };
      const last = new Map(all.map((one) => [one.name, one.placement]));
      for (const placement of ['protect', 'manage', 'release'] as const) {
        const expected = [...last].filter(([, where]) => where === placement).map(([one]) => one);
        assert.deepEqual([...lists[placement]].sort(), expected.sort());
      }
    }),
  );
});

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], locale = 'C'): Promise<Run> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { env: { ...process.env, LC_ALL: locale, NO_COLOR: '1' }, timeout: 120_000 },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

const CONTAINERS = [
  { name: 'web' },
  {
    name: 'shop-api-1',
    labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'api' },
  },
  { name: 'shop-db-1', image: 'postgres:17', labels: { 'com.docker.compose.project': 'shop' } },
  { name: 'locked', labels: { 'vigia.protected': 'true' } },
];

async function host(t: TestContext, main = '') {
  const { socket, requests } = await listingEngine(t, CONTAINERS);
  const dir = mkdtempSync(join(tmpdir(), 'vigia-place-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const config = join(dir, 'config.yaml');
  writeFileSync(config, `docker: { socket: ${socket} }\n${main}`);
  const file = join(dir, 'vigia.d/containers.yaml');
  const vigia = (...args: string[]) => run(process.execPath, [VIGIA, '--config', config, ...args]);
  return { dir, config, file, requests, vigia, read: () => parse(readFileSync(file, 'utf8')) };
}

test('vigia protect, manage, release: each says what changes for the containers, and asks the engine for a list only', async (t) => {
  const { file, vigia, read, requests } = await host(t, 'mode: enforce\n');
  const managed = await vigia('manage', 'web');
  assert.deepEqual(managed, {
    status: 0,
    stdout: `${file}: written. A running Vigía applies it at its next cycle.\nweb: foreign → service; Vigía may now: throttle, squeeze, restart, kill\n`,
    stderr: '',
  });
  assert.match(
    (await vigia('manage', '--project', 'shop', '--allow', 'none')).stdout,
    /^shop-api-1: foreign → service; Vigía may now: advise only\nshop-db-1: foreign → service; /m,
  );
  assert.match(
    (await vigia('protect', 'shop-db-1')).stdout,
    /^shop-db-1: service → protected; Vigía may now: observe only$/m,
  );
  assert.match(
    (await vigia('release', 'web')).stdout,
    /^web: service → foreign; Vigía may now: observe only$/m,
  );
  assert.deepEqual(read(), {
    manage: [{ project: 'shop', allow: 'none' }],
    protect: { names: ['shop-db-1'] },
    release: { names: ['web'] },
  });
  const again = await vigia('release', 'web');
  assert.equal(
    again.stdout,
    `${file}: unchanged, it already says so\nweb: foreign, as before; Vigía may: observe only\n`,
  );
  assert.deepEqual(new Set(requests), new Set(['GET /containers/json?all=true']));
});

test('the file is readable for everybody, replaced as a whole, and no draft is left', async (t) => {
  const { dir, file, vigia } = await host(t);
  await vigia('protect', 'web');
  const { ino } = statSync(file);
  assert.equal(statSync(file).mode & 0o777, 0o644);
  assert.equal(statSync(join(dir, 'vigia.d')).mode & 0o777, 0o755);
  await vigia('protect', 'other');
  assert.notEqual(statSync(file).ino, ino);
  assert.deepEqual(readdirSync(join(dir, 'vigia.d')), ['containers.yaml']);
});

test('what does not come out as asked is said: no such container, a protecting label, a mode that only observes', async (t) => {
  const { vigia } = await host(t);
  const { status, stderr } = await vigia('manage', 'nobody', 'locked');
  assert.equal(status, 0);
  const [first = '', second = '', third = ''] = stderr.split('\n');
  assert.equal(first, 'warning: no container of this host matches nobody; the entry applies to a later one');
  assert.match(second, /^warning: locked is still protected: .*vigia\.protected/);
  assert.match(
    third,
    /^warning: the mode is observe: Vigía does not act on these containers until .*mode: enforce$/,
  );
});

test('where the engine is silent the file is written all the same, with a warning', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-place-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const config = join(dir, 'config.yaml');
  writeFileSync(config, `docker: { socket: ${dir}/none.sock }\n`);
  const { status, stderr } = await run(process.execPath, [VIGIA, '--config', config, 'protect', 'web']);
  assert.equal(status, 0);
  assert.match(stderr, /^warning: which containers this changes is unknown: .*none\.sock/);
  assert.equal(existsSync(join(dir, 'vigia.d/containers.yaml')), true);
});

test('a configuration that is wrong is not written over', async (t) => {
  const { dir, file, vigia } = await host(t);
  mkdirSync(join(dir, 'vigia.d'));
  const wrong = 'manage:\n  - priority: 3\n';
  writeFileSync(file, wrong);
  const { status, stderr } = await vigia('protect', 'web');
  assert.equal(status, 2);
  assert.match(stderr, /vigia\.d\/containers\.yaml:2:5: manage\.0: needs at least one of name, /);
  assert.equal(readFileSync(file, 'utf8'), wrong);
});

test('wrong usage ends with 2 and writes nothing', async (t) => {
  const { file, vigia } = await host(t);
  for (const args of [
    ['manage'],
    ['protect'],
    ['manage', 'web', '--project', 'shop'],
    ['manage', '--project', ''],
    ['manage', 'web', '--allow', 'remove'],
    ['manage', 'web', '--allow', ''],
    ['protect', '../x'],
    ['release', '--label', 'a', 'b'],
  ])
    assert.equal((await vigia(...args)).status, 2, args.join(' '));
  assert.equal(existsSync(file), false);
});

test('without permission the command says what to do', async (t) => {
  const { dir, config, file } = await host(t);
  const isRoot = process.getuid?.() === 0;
  chmodSync(dir, isRoot ? 0o755 : 0o555);
  const command = [process.execPath, VIGIA, '--config', config, 'protect', 'web'];
  const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  const [program = '', ...args] = isRoot ? [...as, ...command] : command;
  const { status, stderr } = await run(program, args);
  assert.equal(status, 1);
  assert.equal(stderr, `vigia: no permission to write ${file}: run the command as root (sudo)\n`);
});

test('in Spanish', async (t) => {
  const { config, file } = await host(t, 'mode: enforce\n');
  const { stdout } = await run(process.execPath, [VIGIA, '--config', config, 'manage', 'web'], 'es_GT.UTF-8');
  assert.equal(
    stdout,
    `${file}: escrito. Si Vigía está en marcha, lo aplica en su próximo ciclo.\nweb: ajeno → servicio; ahora Vigía puede: throttle, squeeze, restart, kill\n`,
  );
});
