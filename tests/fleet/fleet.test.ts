// Several hosts, each in a network of its own, scraped by the real Prometheus and the real VictoriaMetrics.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fleet } from '../../daemon/src/panels/fleet.ts';
import { ENGINES, Fleet, HOSTS, NAMES, queryEngine, until } from './fleet-hosts.ts';

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
  readonly format: string;
  readonly instant: boolean;
  readonly range: boolean;
}
interface Drawn {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly Target[];
  readonly transformations?: readonly {
    readonly options: { readonly renameByName: Record<string, string> };
  }[];
  readonly fieldConfig: {
    readonly overrides: readonly {
      readonly matcher: { readonly options: string };
      readonly properties: readonly { readonly id: string }[];
    }[];
  };
}

const hosts = new Fleet();
before(() => hosts.start());
after(() => hosts[Symbol.asyncDispose]());

const EXPECTED = NAMES.flatMap((name) => (HOSTS[name] === null ? [] : [`${name} ${HOSTS[name]}`])).sort();

for (const engine of ENGINES) {
  it(`${engine.name} scrapes every host with the password`, async () => {
    await until('every host is up', async () => {
      await hosts.live();
      return (await queryEngine(engine, 'up{job="vigia"} == 1')).length === NAMES.length;
    });
    const found = await queryEngine(engine, 'up{job="vigia"}');
    assert.deepEqual(found.map(({ metric }) => metric['instance']).sort(), NAMES.toSorted());
    assert.ok(found.every(({ metric }) => metric['site'] === 'test'));
  });
}

it('without the right password a page gives no metrics', async () => {
  for (const headers of [{}, { authorization: `Basic ${btoa('vigia:something-else')}` }]) {
    const response = await fetch(hosts.urlOf('well'), { headers });
    assert.equal(response.status, 401);
    assert.doesNotMatch(await response.text(), /vigia_/);
  }
});

describe('after one page has stopped', () => {
  before(() => hosts.stopPage('gone'));

  for (const engine of ENGINES) {
    it(`${engine.name}: each host raises its own alert and no other`, async () => {
      let firing: string[] = [];
      await until('those alerts and no others', async () => {
        await hosts.live();
        const found = await queryEngine(engine, 'ALERTS{alertstate="firing"}');
        firing = found.map(({ metric }) => `${metric['instance']} ${metric['alertname']}`).sort();
        return firing.join() === EXPECTED.join();
      }).catch(() => assert.deepEqual(firing, EXPECTED));
    });

    it(`${engine.name}: the recording rules count the hosts`, async () => {
      const counts = {
        'job:vigia_hosts:count': NAMES.length,
        'job:vigia_hosts_up:sum': NAMES.length - 1,
        'job:vigia_hosts_below_floor:count': 1,
        'job:vigia_hosts_stopped:sum': 1,
        'job:vigia_hosts_blind:count': 1,
        'job:vigia_hosts_set_aside:count': 1,
      };
      for (const [record, count] of Object.entries(counts)) {
        const [found, ...more] = await queryEngine(engine, record);
        assert.deepEqual([found?.metric['job'], found?.metric['site'], more], ['vigia', 'test', []], record);
        assert.deepEqual(found?.values, [count], record);
      }
    });

    it(`${engine.name}: every query of the dashboard answers in the shape that its panel needs`, async () => {
      const json = JSON.parse(readFileSync(join(hosts.directory, `grafana/${fleet.id}.json`), 'utf8'));
      const panels = (json.panels as Drawn[]).filter(({ type }) => type !== 'row');
      assert.ok(panels.length > 15);
      for (const { title, type, targets = [], transformations, fieldConfig } of panels) {
        assert.ok(targets.length > 0, title);
        for (const { expr, legendFormat, format, instant, range } of targets) {
          assert.deepEqual([instant, range], type === 'timeseries' ? [false, true] : [true, false], title);
          assert.equal(format, type === 'table' ? 'table' : 'time_series', title);
          const found = await queryEngine(engine, expr.replaceAll('$host', 'well'), range);
          assert.ok(found.length > 0, `${title}: nothing for ${expr}`);
          for (const { metric, values } of found) {
            assert.ok(values.length > 0 && values.every(Number.isFinite), `${title}: ${values}`);
            for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
              assert.ok(metric[label], `${title}: no label ${label} in ${JSON.stringify(metric)}`);
          }
          const legends = found.map(({ metric }) =>
            legendFormat.replace(/\{\{(\w+)\}\}/g, (_, l) => metric[l] ?? ''),
          );
          if (type === 'stat') assert.equal(found.length, 1, title);
          else if (type !== 'table')
            assert.equal(new Set(legends).size, found.length, `${title}: ${legends}`);
          if (type === 'table') {
            const { Value, ...labels } = transformations?.[0]?.options.renameByName ?? {};
            for (const { metric } of found) {
              assert.deepEqual(Object.keys(metric).sort(), Object.keys(labels).sort(), title);
            }
            for (const { matcher, properties } of fieldConfig.overrides) {
              assert.ok(
                [Value, ...Object.values(labels)].includes(matcher.options),
                `${title}: ${matcher.options}`,
              );
              const hasUnit = properties.some(({ id }) => id === 'unit');
              assert.equal(hasUnit, matcher.options === Value, `${title}: ${matcher.options}`);
            }
          }
        }
      }
    });
  }
});
