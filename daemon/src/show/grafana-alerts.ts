import { stringify } from 'yaml';
import type { Alert } from '../panels/alerts.ts';

const DATASOURCE = { type: 'frser-sqlite-datasource', uid: 'vigia-sqlite' };
const EXPRESSION = { type: '__expr__', uid: '__expr__' };

/** Grafana's provisioning file for the alerts. Deterministic. */
export function renderAlerts(alerts: readonly Alert[]): string {
  const file = {
    apiVersion: 1,
    groups: [{ orgId: 1, name: 'Vigía', folder: 'Vigía', interval: '1m', rules: alerts.map(ruleOf) }],
  };
  const note =
    '# Made from daemon/src/panels/alerts.ts by `npm run build:dashboards`; never edited by hand.\n';
  return note + stringify(file, { lineWidth: 0 });
}

/** A rule in two steps: query A gets one number from the database, expression B compares it with the threshold. */
function ruleOf({ id, title, description, sql, above, forSeconds, onNothing }: Alert) {
  return {
    uid: `vigia-${id}`,
    title,
    condition: 'B',
    for: `${forSeconds}s`,
    noDataState: onNothing === 'alert' ? 'Alerting' : 'OK',
    // A database that cannot be read needs attention too.
    execErrState: 'Alerting',
    isPaused: false,
    labels: { source: 'vigia' },
    annotations: { summary: title, description },
    data: [
      {
        refId: 'A',
        queryType: 'table',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid: DATASOURCE.uid,
        model: {
          refId: 'A',
          datasource: DATASOURCE,
          queryType: 'table',
          rawQueryText: sql,
          queryText: sql,
          timeColumns: [],
        },
      },
      {
        refId: 'B',
        relativeTimeRange: { from: 0, to: 0 },
        datasourceUid: EXPRESSION.uid,
        model: {
          refId: 'B',
          datasource: EXPRESSION,
          type: 'threshold',
          expression: 'A',
          conditions: [{ evaluator: { type: 'gt', params: [above] } }],
        },
      },
    ],
  };
}
