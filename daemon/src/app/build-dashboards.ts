// Writes dashboards/grafana/*.json and the alerts from the panels; with --check it writes nothing and fails if they are
// not current.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alerts } from '../panels/alerts.ts';
import { dashboards } from '../panels/dashboards.ts';
import { fleet } from '../panels/fleet.ts';
import { renderAlerts } from '../show/grafana-alerts.ts';
import { renderDashboard } from '../show/grafana-dashboards.ts';
import { renderFleet } from '../show/grafana-fleet.ts';

const root = fileURLToPath(new URL('../../../dashboards/', import.meta.url));
const wanted = new Map<string, string>([
  ...(['es', 'en'] as const).flatMap((language) =>
    dashboards.map(
      (dashboard) =>
        [`grafana/${language}/${dashboard.id}.json`, renderDashboard(dashboard, language)] as const,
    ),
  ),
  ['provisioning/alerting/vigia.yaml', renderAlerts(alerts)],
  [`fleet/grafana/${fleet.id}.json`, renderFleet(fleet)],
]);
const directories = new Set([...wanted.keys()].map((name) => dirname(name)));
for (const directory of directories) mkdirSync(join(root, directory), { recursive: true });
const present = [...directories].flatMap((directory) =>
  readdirSync(join(root, directory)).map((name) => `${directory}/${name}`),
);

if (process.argv.includes('--check')) {
  const stale = [...new Set([...wanted.keys(), ...present])].filter(
    (name) => read(name) !== wanted.get(name),
  );
  for (const name of stale.sort()) console.error(`dashboards/${name}: ${problemOf(name)}`);
  if (stale.length > 0) {
    console.error('Run `npm run build:dashboards` and commit the result.');
    process.exitCode = 1;
  }
} else {
  for (const [name, text] of wanted) writeFileSync(join(root, name), text);
  // Grafana shows every file of the directory, so a file that no panel makes any more must go.
  for (const name of present) if (!wanted.has(name)) rmSync(join(root, name));
}

function read(name: string): string | undefined {
  return present.includes(name) ? readFileSync(join(root, name), 'utf8') : undefined;
}

function problemOf(name: string): string {
  if (!wanted.has(name)) return 'nothing makes this file';
  return present.includes(name) ? 'differs from what the panels make' : 'is missing';
}
