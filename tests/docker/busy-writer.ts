// Writes cycle after cycle, as the daemon does, until SIGTERM, on which it closes the database cleanly, or SIGKILL.
//   node busy-writer.ts DATABASE
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeCleanly, openForWriting } from '../../daemon/src/record/database.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { config, container, decisionOn, snapshot } from '../unit/builders.ts';

const [path] = process.argv.slice(2);
assert.ok(path);
process.umask(0o027);
const end = new AbortController();
process.on('SIGTERM', () => end.abort());
const db = openForWriting(path, assert.fail);
const store = new Store(db, config());
for (let tick = 1; !end.signal.aborted; tick++) {
  store.save(decisionOn(snapshot([container(1), container(2)], { tick, at: Date.now() + tick * 1000 })), 1);
  process.stdout.write(`${tick}\n`);
  await sleep(5);
}
closeCleanly(db);
