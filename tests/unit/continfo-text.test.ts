import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { withoutProcesses } from '../../daemon/src/sense/continfo-text.ts';
import { ProcFile, utf8Of } from '../../daemon/src/sense/proc-file.ts';

const SAMPLE = readFileSync(
  join(import.meta.dirname, '../../contract/samples/continfo-four-docker-containers.json'),
  'utf8',
);

/** A text as the module writes it, with these names of processes in each container. */
function textOf(containers: readonly (readonly string[])[]): string {
  const rows = containers.map((names, i) => {
    const processes = names.map((name, pid) => JSON.stringify({ pid, name, container_id: `${i}` }));
    return `\n{"id":"${i}","name":${JSON.stringify(names[0])},"processes":[\n${processes.join(',\n')}]}`;
  });
  return `{"schema":1,\n"memory":{"total_kb":1},\n"containers":[${rows.join(',')}\n],\n"complete":true}\n`;
}

test('without its processes a text is the same JSON with empty lists', () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom(']}', ']},', '{"pid":1}', '\n{"pid":', '"processes":[', '…'),
  );
  fc.assert(
    fc.property(fc.array(fc.array(name, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (containers) => {
      const text = textOf(containers);
      const whole = JSON.parse(text);
      for (const container of whole.containers) container.processes = [];
      assert.deepEqual(JSON.parse(withoutProcesses(text)), whole);
    }),
  );
});

test('a real capture keeps everything else', () => {
  const whole = JSON.parse(SAMPLE);
  for (const container of whole.containers) container.processes = [];
  assert.deepEqual(JSON.parse(withoutProcesses(SAMPLE)), whole);
});

test('a file is read as bytes, and any part of it decodes to its text', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-proc-file-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'file');
  const file = new ProcFile('sysinfo', path);
  t.after(() => file.close());
  // The buffer grows for the second text, and shrinks for the last.
  for (const text of ['ñ…😀', `${'…'.repeat(400_000)}ñ`, 'plain', 'ñ']) {
    writeFileSync(path, text);
    const bytes = await file.read();
    assert.equal(bytes.length, Buffer.byteLength(text));
    assert.equal(utf8Of(bytes), text);
  }
});
