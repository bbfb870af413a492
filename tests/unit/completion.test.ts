// The scripts that `vigia completion` prints, in the shells themselves.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Terminal } from './tmux.ts';

const ROOT = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'vigia-completion-'));
after(() => rmSync(directory, { recursive: true }));

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${program}: ${stderr}`);
  return stdout;
}

function scriptFor(shell: string): string {
  const file = join(directory, `vigia.${shell}`);
  writeFileSync(file, run(join(ROOT, 'vigia'), 'completion', shell));
  return file;
}

/** Command lines, what must be offered for them, and what must not. */
const CASES: readonly {
  readonly line: string;
  readonly offers: readonly string[];
  readonly never: readonly string[];
}[] = [
  {
    line: 'vigia ',
    offers: ['up', 'status', 'top', 'events', 'config', 'lab', 'test'],
    never: ['show', 'load'],
  },
  { line: 'vigia st', offers: ['status'], never: ['up', 'events'] },
  { line: 'vigia config ', offers: ['show'], never: ['up'] },
  { line: 'vigia modules ', offers: ['load', 'unload', 'status'], never: ['install'] },
  { line: 'vigia events --', offers: ['--limit', '--container', '--why', '--json'], never: ['--once'] },
  { line: 'vigia --config /etc/x.yaml top --', offers: ['--once', '--json'], never: ['--limit'] },
  { line: 'vigia completion ', offers: ['bash', 'zsh', 'fish'], never: ['up'] },
];

describe('bash', () => {
  const script = scriptFor('bash');
  const complete = (line: string) => {
    const words = line.split(' ');
    const code = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vigia; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run('bash', '--norc', '-uc', code, 'bash', script, ...words).split('\n');
  };

  for (const { line, offers, never } of CASES) {
    it(`completes "${line}"`, () => {
      const found = complete(line);
      for (const word of offers) assert.ok(found.includes(word), `${word} is not among ${found}`);
      for (const word of never) assert.ok(!found.includes(word), word);
    });
  }

  it('offers files where a file is expected, and nowhere else', () => {
    writeFileSync(join(directory, 'capture.json'), '');
    const file = join(directory, 'capture.json');
    assert.ok(complete(`vigia classify ${directory}/cap`).includes(file));
    for (const option of [
      '--config',
      'replay --policy',
      'replay --database',
      'db export --output',
      'simulate --scenario',
      'simulate --database',
    ])
      assert.ok(complete(`vigia ${option} ${directory}/cap`).includes(file), option);
    assert.ok(!complete(`vigia events --limit ${directory}/cap`).includes(file));
    assert.ok(!complete(`vigia status ${directory}/cap`).includes(file));
  });

  it('completes as it is typed', async () => {
    using terminal = await Terminal.open(80, 24);
    terminal.type(`bash --norc`);
    terminal.press('Enter');
    terminal.type(`source ${script}; clear`);
    terminal.press('Enter');
    await terminal.until('a clear screen', (screen) => !screen.includes('source'));
    terminal.type('vigia expl');
    terminal.press('Tab');
    await terminal.until('the word', (screen) => /vigia explain/.test(screen));
  });
});

describe('fish', () => {
  const script = scriptFor('fish');
  it('describes a command as its help does, with colons replaced', () => {
    const output = run('fish', '--no-config', '-c', `source ${script}; complete -C 'vigia ru'`);
    assert.equal(output.trim(), 'run\trun only the loop – sense, decide, act, record; opens no port');
  });
  for (const { line, offers, never } of CASES) {
    it(`completes "${line}"`, () => {
      const found = run('fish', '--no-config', '-c', `source ${script}; complete -C '${line}'`)
        .split('\n')
        .map((entry) => entry.split('\t')[0] ?? '');
      for (const word of offers) assert.ok(found.includes(word), `${word} is not among ${found}`);
      for (const word of never) assert.ok(!found.includes(word), word);
    });
  }

  it('offers files for an option that takes one', () => {
    writeFileSync(join(directory, 'policy.yaml'), '');
    const complete = (line: string) =>
      run('fish', '--no-config', '-c', `source ${script}; complete -C '${line} ${directory}/pol'`);
    assert.match(complete('vigia replay --policy'), /policy\.yaml/);
    assert.match(complete('vigia db export --output'), /policy\.yaml/);
    assert.doesNotMatch(complete('vigia events --limit'), /policy\.yaml/);
  });
});

describe('zsh', () => {
  it('offers the commands as they are typed', async () => {
    const script = scriptFor('zsh');
    using terminal = await Terminal.open(100, 40);
    terminal.type('zsh -f');
    terminal.press('Enter');
    terminal.type(`autoload -Uz compinit && compinit -u -d ${directory}/dump && source ${script} && clear`);
    terminal.press('Enter');
    await terminal.until('a clear screen', (screen) => !screen.includes('compinit'));
    for (const { line, offers, never } of CASES) {
      terminal.type(line);
      terminal.press('Tab');
      const screen = await terminal.until(line, (text) =>
        offers.every((word) => new RegExp(`(^|\\s)${word}\\b`, 'm').test(text)),
      );
      for (const word of never) assert.doesNotMatch(screen, new RegExp(`^${word} `, 'm'), `${line}: ${word}`);
      terminal.press('C-u');
      terminal.type('clear');
      terminal.press('Enter');
      await terminal.until('a clear screen', (text) => !text.includes('vigia'));
    }
  });
});

it('an unsupported shell is refused by name', () => {
  const { status, stderr } = spawnSync(join(ROOT, 'vigia'), ['completion', 'tcsh'], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /tcsh.*bash, zsh, fish/s);
});
