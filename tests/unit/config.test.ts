import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { ConfigError, loadConfig, parseConfig } from '../../daemon/src/app/config.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';

const problemsOf = (source: string): string[] => {
  try {
    parseConfig(source, 'c.yaml');
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split('\n').sort();
  }
};

test('an empty file, and one that spells out every default, both give the defaults', () => {
  assert.deepEqual(parseConfig('', 'c.yaml'), DEFAULTS);
  assert.deepEqual(parseConfig('# nothing\n', 'c.yaml'), DEFAULTS);
  assert.deepEqual(parseConfig(stringify(DEFAULTS), 'c.yaml'), DEFAULTS);
});

test('each wrong value is named with its line and column', () => {
  const problems = problemsOf('carnet: 12\nquotas:\n  low:\n    keep: -1\n    foo: 3\nmode: enforc\n');
  assert.equal(problems.length, 4);
  assert.match(problems[0] ?? '', /^c\.yaml:1:9: carnet: .*quotes/);
  assert.match(problems[1] ?? '', /^c\.yaml:4:11: quotas\.low\.keep: .*>=0/);
  assert.match(problems[2] ?? '', /^c\.yaml:5:\d+: quotas\.low\.foo: no such setting/);
  assert.match(problems[3] ?? '', /^c\.yaml:6:7: mode: .*enforc/);
});

test('broken YAML, a repeated key, a list instead of a map: each is an error with a place', () => {
  assert.match(problemsOf('a: [1\nb')[0] ?? '', /^c\.yaml:\d+:\d+: /);
  assert.match(problemsOf('mode: observe\nmode: enforce\n')[0] ?? '', /^c\.yaml:2:1: .*unique/);
  assert.match(problemsOf('- 1\n')[0] ?? '', /^c\.yaml:1:1: the file: /);
  assert.match(problemsOf('"a\\nb": 1\n')[0] ?? '', /^c\.yaml:1:\d+: "a\\nb": no such setting/);
  assert.match(problemsOf('carnet: &a x\nmode: *b\n')[0] ?? '', /^c\.yaml:2:7: .*alias/);
});

test('a quota without an image to start from, a carnet with a slash, a page for the network are refused', () => {
  assert.match(problemsOf('quotas: { low: { images: [] } }')[0] ?? '', /needs an image/);
  assert.deepEqual(problemsOf('quotas: { low: { keep: 0, images: [] } }'), []);
  assert.match(problemsOf('carnet: "../x"')[0] ?? '', /carnet/);
  assert.match(problemsOf('page: { host: 0.0.0.0 }')[0] ?? '', /loopback/);
  assert.deepEqual(problemsOf('page: { host: 0.0.0.0, tokenFile: /etc/vigia/token }'), []);
  assert.match(problemsOf('page: { host: vigia.lan, tokenFile: /t }')[0] ?? '', /IP address/);
});

test('a file that was named and is not there is an error; the standard one may be missing', () => {
  assert.throws(() => loadConfig('/nowhere/c.yaml'), ConfigError);
});
