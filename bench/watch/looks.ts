// Loaded before the daemon in each of its threads: writes the time of each look at /proc/meminfo, in milliseconds. The
// memory watch keeps the file open and reads its beginning; nothing else does.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const log = fs.openSync(process.env['LOOKS'] ?? '/dev/null', 'a');
const meminfo = new Set<number>();
const { openSync, readSync } = fs;
fs.openSync = ((path: string, ...rest: [string]) => {
  const file = openSync(path, ...rest);
  if (path === '/proc/meminfo') meminfo.add(file);
  return file;
}) as typeof fs.openSync;
fs.readSync = ((file: number, ...rest: [Buffer]) => {
  if (meminfo.has(file)) fs.writeSync(log, `${Number(process.hrtime.bigint()) / 1e6}\n`);
  return readSync(file, ...rest);
}) as typeof fs.readSync;
syncBuiltinESMExports();
