import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { lastTick, status, until } from './guest.ts';

/**
 * Runs every command of the manuals that is marked `sh lab`, line by line and in order, as a reader would type it. The
 * commands stop and start the service; the last test waits until it works again.
 */
const MANUALS = ['docs/manual-de-usuario.md', 'docs/manual-tecnico.md'];
const SECONDS_PER_LINE = 120;

const bash = (...args: string[]) =>
  promisify(execFile)('bash', args, { timeout: SECONDS_PER_LINE * 1000, maxBuffer: 64 * 1024 * 1024 });

/** The commands of the marked blocks. Blocks may be indented, as in the steps of a list. */
function commandsOf(manual: string): string[] {
  const commands: string[] = [];
  let fence: string | null = null;
  for (const line of readFileSync(manual, 'utf8').split('\n')) {
    const text = line.trim();
    if (fence === null) fence = /^```(.*)$/.exec(text)?.[1] ?? null;
    else if (text === '```') fence = null;
    else if (fence === 'sh lab' && text !== '') commands.push(text);
  }
  assert.equal(fence, null, `${manual}: a code block is not closed`);
  return commands;
}

// The manual writes a configuration; later tests start from the defaults.
after(() => rmSync('/etc/vigia/config.yaml', { force: true }));

for (const manual of MANUALS) {
  const commands = commandsOf(manual);
  test(`${manual}: it has commands to run`, () => assert.ok(commands.length >= 5, `${commands.length}`));
  for (const command of commands) {
    test(`${manual}: ${command}`, async () => {
      // A failure carries the exit code and the output of the command.
      await bash('-c', command);
    });
  }
}

test('afterwards the service runs, records cycles and serves its page', async () => {
  assert.equal(status('systemctl', 'is-active', '--quiet', 'vigia'), 0);
  const tick = lastTick();
  await until('another cycle', 120, () => lastTick() > tick);
  await until('the page', 120, () => status('curl', '--silent', '--fail', 'http://127.0.0.1:8080/') === 0);
});
