// Prints how late the looks of a file were: the time from one to the next beyond a second. usage: histogram.ts LOAD FILE
import { readFileSync } from 'node:fs';

const INTERVAL_MS = 1000;
const EDGES_MS = [5, 10, 20, 50, 100, 200, 500, 1000, Number.POSITIVE_INFINITY];

const [load = '', file = ''] = process.argv.slice(2);
const looks = readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
// A watch that has not looked for longer than that is late as well.
const nowMs = Number(process.hrtime.bigint()) / 1e6;
if (nowMs - (looks.at(-1) ?? nowMs) > INTERVAL_MS) looks.push(nowMs);
const late = looks
  .slice(1)
  .map((at, i) => Math.max(0, at - (looks[i] ?? at) - INTERVAL_MS))
  .toSorted((a, b) => a - b);
const quantile = (share: number) => (late[Math.ceil(share * late.length) - 1] ?? Number.NaN).toFixed(1);
const counts = EDGES_MS.map(
  (edge, i) => late.filter((ms) => ms < edge && ms >= (EDGES_MS[i - 1] ?? 0)).length,
);
const bars = EDGES_MS.map((edge, i) => `<${edge === Number.POSITIVE_INFINITY ? '∞' : edge}: ${counts[i]}`);
console.log(
  `${load.padEnd(10)} ${late.length} looks; late by ms: median ${quantile(0.5)}, p99 ${quantile(0.99)}, most ${quantile(1)}`,
);
console.log(`           ${bars.join('  ')}`);
