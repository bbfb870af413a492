// What the commands print, in Spanish and in English, over one recorded database.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runSimulation } from '../../daemon/src/app/run-simulation.ts';
import { loadScenario, scenarioNames } from '../../daemon/src/app/scenarios.ts';
import { invariantsInSpanish, SCENARIOS_SPANISH } from '../../daemon/src/cli/simulate-spanish.ts';
import type { Reason } from '../../daemon/src/model/reason.ts';
import type { ScriptRun } from '../../daemon/src/model/script.ts';
import { closeCleanly, openForWriting } from '../../daemon/src/record/database.ts';
import { tablesOf } from '../../daemon/src/record/export.ts';
import { saveScriptRun } from '../../daemon/src/record/script-runs.ts';
import { NO_FAULTS } from '../../daemon/src/simulate/faults.ts';
import { CATALOGUES } from '../../daemon/src/words/language.ts';
import { terminalWords } from '../../daemon/src/words/terminal.ts';
import { config } from './builders.ts';

const ROOT = join(import.meta.dirname, '../..');
const VIGIA = join(ROOT, 'daemon/src/cli/vigia.ts');
const SAMPLE = join(ROOT, 'contract/samples/continfo-four-docker-containers.json');
const dir = mkdtempSync(join(tmpdir(), 'vigia-language-'));
const [database, settings, empty] = [join(dir, 'v.db'), join(dir, 'c.yaml'), join(dir, 'empty.yaml')];
const policy = join(dir, 'p.yaml');
after(() => rmSync(dir, { recursive: true, force: true }));

/** Words that only English has, beside names, options and figures. */
const ENGLISH =
  /\b(the|of|is|it|its|that|where|was|were|and|with(in)?|for|from|by|to|than|this|which|has|have|not|nothing|none|would|will|again|across|at|there|no such|cannot|seen|running|stopped|starte?d?|removed?|releas(e|ed)|throttled?|restart(ed)?|done|failed|skipped|dropped|refused|killed|protected|foreign|low|high|unclassified|cycles?|memory|disk|containers?|processes|actions?|seeds?|days|checks|ok|broken|unknown|available|used|free|latest|decisions?|quotas?|matching|match|sound|loaded|installed|left|missing|empty|ago|reason|time|class|name|why|result)\b/i;
/** Words that only Spanish has. */
const SPANISH = /\b(el|la|los|las|de|del|que|se|su|sin|por|una?|ya|en|ciclos?|hace)\b|[áéíóúñ¿¡«»]/i;

interface Result {
  readonly code: number;
  readonly text: string;
}

function run(args: readonly string[], locale: Readonly<Record<string, string>>): Promise<Result> {
  const { LC_ALL: _, LC_MESSAGES: __, LANG: ___, ...environment } = process.env;
  // With compiled code kept between runs, as the launcher does it, a command starts in a third of the time.
  const env = { NODE_COMPILE_CACHE: join(dir, 'compiled'), ...environment, ...locale };
  return new Promise((resolve) => {
    execFile(process.execPath, [VIGIA, ...args], { env, maxBuffer: 64e6 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
    );
  });
}

const tables: string[] = [];

before(async () => {
  writeFileSync(settings, `database: ${database}\ndemo: true\n`);
  writeFileSync(empty, `database: ${dir}/empty.db\n`);
  writeFileSync(policy, 'demo: true\nquotas: { low: { keep: 4, images: [vigia/idle] } }\n');
  await runSimulation({
    scenario: loadScenario('patterns'),
    faults: NO_FAULTS,
    days: 1 / 24,
    seed: 11,
    config: config(),
    database,
    progress: () => {},
  });
  const db = openForWriting(database, assert.fail);
  tables.push(...tablesOf(db));
  const results: readonly ScriptRun['result'][] = ['done', 'failed', 'killed', 'refused', 'dropped'];
  for (const [i, result] of results.entries()) {
    const refusal: Reason | null =
      result === 'refused'
        ? { code: 'script-owner', uid: 1000 }
        : result === 'dropped'
          ? { code: 'script-queue-full', waiting: 40 }
          : null;
    const exitCode = result === 'failed' ? i : null;
    saveScriptRun(db, {
      ...{ event: 'emergency', tick: 7, at: 1_800_000_000_000, script: '/etc/x', result, exitCode },
      ...{ output: '', refusal, tookMs: 12.3 },
    });
  }
  const fault: Reason = { code: 'engine-backing-off', last: { code: 'file-empty' }, failures: 2, seconds: 9 };
  db.prepare(
    `INSERT INTO fault (tick, at, sensor, message, message_code, blind)
     SELECT tick, at, 'docker', 'x', ?, 0 FROM cycle ORDER BY tick DESC LIMIT 1`,
  ).run(JSON.stringify(fault));
  const notice: Reason = {
    code: 'service-needs-attention',
    name: 'db',
    breach: { code: 'restart-loop', restarts: 4, minutes: 5, threshold: 3 },
  };
  db.prepare(
    `INSERT INTO fault (tick, at, sensor, message, message_code, blind)
     SELECT tick - 9, at - 180, 'policy', 'x', ?, 0 FROM cycle ORDER BY tick DESC LIMIT 1`,
  ).run(JSON.stringify(notice));
  closeCleanly(db);
  closeCleanly(openForWriting(join(dir, 'empty.db'), assert.fail));
});

const on = (...args: string[]): string[] => ['--config', settings, ...args];

/** Each printing command: its line, its exit code, and a text of it in each language. */
const PRINTED: readonly (readonly [args: string[], code: number, en: RegExp, es: RegExp])[] = [
  [
    on('status'),
    0,
    /^STOPPED {2}cycle \d+, .* sensor kernel, mode enforce\nRAM .* used \(\d+\.\d %\), free.*\nquotas {2}low \d\/3 {2}high \d\/2 {2}unclassified \d+\nkinds {3}\d+ disposable, .*\nfault {3}docker: the file is empty; failed 2 times.*\nnotice {2}.* db needs attention: /m,
    /^DETENIDO {2}ciclo \d+, .* sensor kernel, modo enforce\nRAM .* en uso \(\d+,\d %\), libre.*\ncuotas {2}bajo \d\/3 {2}alto \d\/2 {2}sin clasificar \d+\ntipos {3}\d+ desechables, .*\nfallo {3}docker: el archivo está vacío; falló 2.*\naviso {3}.* db necesita atención: /m,
  ],
  [['--config', empty, 'status'], 0, /^No cycle is recorded yet/, /^Todavía no hay ningún ciclo/],
  [
    on('events'),
    0,
    /^TIME .* ACTION +CONTAINER +WHY +RESULT$/m,
    /^HORA .* ACCIÓN +CONTENEDOR +MOTIVO +RESULTADO$/m,
  ],
  [['--config', empty, 'events'], 0, /^No action is recorded yet/, /^Todavía no hay ninguna acción/],
  [on('events', '--why'), 0, /^ {2}It ranked \d+ of/m, /^ {2}Ocupó el puesto \d+ de/m],
  [on('events', '--scripts'), 0, /failed \(exit code 1\)/, /falló \(código de salida 1\)/],
  [['--config', empty, 'events', '--scripts'], 0, /^No script has run/, /^No se ejecutó ningún script/],
  [
    on('explain', 'a'),
    0,
    /is disposable: .*\nKind: disposable \(label .*\)\. Vigía may: [\s\S]*\(also matching: /,
    /es desechable: .*\nTipo: desechable \(etiqueta .*\)\. Vigía puede: [\s\S]*\(también coinciden: /,
  ],
  [
    on('explain', 'xyz'),
    1,
    /^vigia: no container matches "xyz"/,
    /^vigia: ningún contenedor coincide con «xyz»/,
  ],
  [on('top', '--once'), 0, /^LOW +\[.* 3\/3 ok$/m, /^BAJO +\[.* 3\/3 completo$/m],
  [['--config', empty, 'top', '--once'], 0, /No cycle is recorded yet/, /Todavía no hay ningún ciclo/],
  [
    on('classify', SAMPLE),
    0,
    /^High consumption \(4\)\n.*\n.* CPU \d\.\d %/m,
    /^Alto consumo \(4\)\n.*\n.* CPU \d,\d %/m,
  ],
  [on('classify', dir), 1, /a directory: name a file/, /es un directorio: indique un archivo/],
  [
    on('replay', '--policy', policy, '--limit', '3'),
    3,
    /^PRESENT +CHANGED$[\s\S]* cycles differ\. .* × start$/m,
    /^ACTUAL +MODIFICADA$[\s\S]* ciclos difieren\. .* × iniciar$/m,
  ],
  [on('replay', '--policy', settings), 0, /both decide the same/, /ambas deciden lo mismo/],
  [
    ['--config', empty, 'replay', '--policy', policy],
    1,
    /^vigia: no cycle of that time/,
    /^vigia: no hay ciclos/,
  ],
  [
    on('simulate', '--days', '0.01'),
    0,
    /^seed 1: 0\.01 days, .*\n.*\ntime to restore the quotas +median [\s\S]*^ok +floor .* checks /m,
    /^semilla 1: 0,01 días, .*\n.*\ntiempo en restablecer las cuotas +mediana [\s\S]*^bien +floor .* pruebas /m,
  ],
  [on('simulate', '--days', '0.005', '--seeds', '1'), 0, /^SCENARIO +SEED /, /^ESCENARIO +SEMILLA /],
  [on('db', 'stats'), 0, /^TABLE +ROWS +SIZE +OLDEST +NEWEST$/m, /^TABLA +FILAS +TAMAÑO +DESDE +HASTA$/m],
  [on('db', 'check'), 0, /^sound$/m, /^sin daños$/m],
  [on('db', 'export', 'zzz'), 1, /^vigia: there is no table zzz/, /^vigia: no hay ninguna tabla zzz/],
  [on('db', 'export', 'evidence', '--since', '1d'), 1, /has no time of its own/, /no tiene hora propia/],
  [on('db', 'export', 'SELECT 1', '--since', '1d'), 1, /own time range/, /su propio rango de tiempo/],
  [
    on('replay', '--policy', policy, '--database', '/nowhere'),
    1,
    /Has the daemon run here/,
    /¿Se ha ejecutado el daemon/,
  ],
  [
    on('simulate', '--scenario', 'zzz'),
    1,
    /no scenario zzz \(there are floors/,
    /no hay ningún escenario zzz \(hay floors/,
  ],
  [
    on('simulate', '--database', database),
    1,
    /already exists: name a new file/,
    /ya existe: indique un archivo nuevo/,
  ],
  [on('modules', 'status'), 1, /^not loaded$/m, /^no están cargados$/m],
  [on('cron', 'status'), 1, /^not installed, or altered$/m, /^no está instalada, o fue modificada$/m],
];

/** The text without names of containers, tables, invariants, options, settings and paths, which have no language. */
function proseOf(text: string): string {
  const names = [...tables, 'life', ...Object.keys(invariantsInSpanish)].join('|');
  return text
    .replaceAll(dir, '')
    .replaceAll(/\bvigia(?:[-/][\w:./-]*| (?:db|config|modules|status|events|explain|top)\b)(?: \w+)?/g, '')
    .replaceAll(/--[\w-]+|\b[\w.]+\.(?:directory|keep|db)\b|"[^"]*"|\/[\w./-]+|\b[a-z]+-\d+\b/g, '')
    .replaceAll(new RegExp(`(?<![\\w-])(?:${names})(?![\\w-])`, 'g'), '');
}

describe('what each command prints', () => {
  for (const [args, code, en, es] of PRINTED) {
    it(args.filter((arg) => !arg.startsWith('/')).join(' '), async () => {
      const [english, spanish] = await Promise.all([
        run(args, { LANG: 'C' }),
        run(args, { LC_ALL: 'es_ES.UTF-8' }),
      ]);
      assert.equal(english.code, code, english.text);
      assert.equal(spanish.code, code, spanish.text);
      assert.match(english.text, en);
      assert.match(spanish.text, es);
      const lines = proseOf(spanish.text).split('\n');
      assert.deepEqual(
        lines.filter((line) => ENGLISH.test(line) || /(?<![\w.:/-])\d+\.\d+(?![\w.])/.test(line)),
        [],
      );
      assert.deepEqual(
        proseOf(english.text)
          .replaceAll('Vigía', '')
          .split('\n')
          .filter((line) => SPANISH.test(line)),
        [],
      );
    });
  }
});

describe('the language', () => {
  it('is that of LC_ALL, then LC_MESSAGES, then LANG; an empty one counts as not set', async () => {
    const args = ['--config', empty, 'events'];
    const cases: readonly [Record<string, string>, 'es' | 'en'][] = [
      [{ LANG: 'es_GT.UTF-8' }, 'es'],
      [{ LC_MESSAGES: 'es_MX', LANG: 'en_US.UTF-8' }, 'es'],
      [{ LC_ALL: '', LC_MESSAGES: '', LANG: 'es_ES' }, 'es'],
      [{ LC_ALL: 'es_ES.UTF-8', LC_MESSAGES: 'en_US', LANG: 'C' }, 'es'],
      [{ LC_ALL: 'C', LC_MESSAGES: 'es_ES', LANG: 'es_ES' }, 'en'],
      [{ LC_MESSAGES: 'en_GB', LANG: 'es_ES' }, 'en'],
      [{ LC_ALL: '', LC_MESSAGES: '', LANG: '' }, 'en'],
      [{}, 'en'],
    ];
    for (const [locale, language] of cases) {
      const { text } = await run(args, locale);
      assert.equal(text.trim(), terminalWords(language).events.none, JSON.stringify(locale));
    }
  });

  it('changes neither JSON nor --help nor usage errors', async () => {
    const same = [
      on('status', '--json'),
      on('events', '--json', '--limit', '3'),
      on('explain', '--json', 'a'),
      on('classify', '--json', SAMPLE),
      on('db', 'check', '--json'),
      ['--help'],
      ['replay', '--help'],
      on('events', '--limit', 'many'),
    ];
    for (const args of same) {
      const [english, spanish] = await Promise.all([run(args, { LANG: 'C' }), run(args, { LANG: 'es_ES' })]);
      assert.equal(english.text, spanish.text, args.join(' '));
    }
    const { text } = await run(on('events', '--json', '--limit', '1'), { LANG: 'es_ES' });
    assert.equal(typeof JSON.parse(text)[0].because.code, 'string');
  });
});

describe('the catalogues', () => {
  it('name every scenario that comes with Vigía', () => {
    assert.deepEqual(Object.keys(SCENARIOS_SPANISH).sort(), scenarioNames());
  });

  it('name the same actions and results', () => {
    for (const part of ['verbs', 'actions', 'results'] as const)
      assert.deepEqual(Object.keys(CATALOGUES.en[part]).sort(), Object.keys(CATALOGUES.es[part]).sort());
  });

  it('keep the lines of top within a screen of 80 cells', () => {
    for (const language of ['en', 'es'] as const) {
      const { top: say } = terminalWords(language);
      for (const line of [say.keys, say.closeHelp, ...say.help]) assert.ok(line.length <= 80, line);
    }
  });
});
