// Writes dashboards/grafana/*.json from the panels; with --check it writes nothing and fails if they are not current.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dashboards } from '../panels/dashboards.ts';
import { renderDashboard } from '../show/grafana.ts';

const directory = fileURLToPath(new URL('../../../dashboards/grafana/', import.meta.url));
const wanted = new Map(dashboards.map((dashboard) => [`${dashboard.id}.json`, renderDashboard(dashboard)]));
mkdirSync(directory, { recursive: true });
const present = readdirSync(directory).filter((name) => name.endsWith('.json'));

if (process.argv.includes('--check')) {
  const stale = [...new Set([...wanted.keys(), ...present])].filter(
    (name) => read(name) !== wanted.get(name),
  );
  for (const name of stale.sort()) console.error(`dashboards/grafana/${name}: ${problemOf(name)}`);
  if (stale.length > 0) {
    console.error('Run `npm run build:dashboards` and commit the result.');
    process.exitCode = 1;
  }
} else {
  for (const [name, text] of wanted) writeFileSync(join(directory, name), text);
  // Grafana shows every file of the directory: one left behind would live on as a dashboard nobody makes.
  for (const name of present) if (!wanted.has(name)) rmSync(join(directory, name));
}

function read(name: string): string | undefined {
  return present.includes(name) ? readFileSync(join(directory, name), 'utf8') : undefined;
}

function problemOf(name: string): string {
  if (!wanted.has(name)) return 'no dashboard makes this file';
  return present.includes(name) ? 'differs from what the panels make' : 'is missing';
}
