import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ListBounds } from '../../daemon/src/engine/list-bounds.ts';

const LONG = 300_000;

/** What is kept of a text that comes in pieces of this size. */
function kept(text: string, size: number): { text: string; shortened: readonly number[] } {
  const bounds = new ListBounds();
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bounds.keep(bytes.subarray(at, at + size)));
  return { text: Buffer.concat(pieces).toString(), shortened: [...bounds.shortened] };
}

test('a list of containers of usual size is kept as it is, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), fc.integer({ min: 1, max: 50 }), (list, size) => {
      const text = JSON.stringify(list);
      assert.deepEqual(kept(text, size), { text, shortened: [] });
    }),
  );
});

test('whatever is left out of a container, the list is JSON, and the others are as they were', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\\', '"', '\u0000', 'ñ', '{', ']'));
  const huge = fc.record({
    Labels: fc.dictionary(
      text,
      fc.tuple(text, fc.nat(4)).map(([unit, n]) => unit.repeat(n * 50_000)),
      {
        maxKeys: 8,
      },
    ),
    State: fc.constant('running'),
    Deep: fc.array(fc.array(text)),
  });
  fc.assert(
    fc.property(
      huge,
      fc.jsonValue({ maxDepth: 4 }),
      fc.integer({ min: 1000, max: 100_000 }),
      (one, other, size) => {
        const list = [other, { ...one, First: 'x'.repeat(LONG) }, other];
        const result = kept(JSON.stringify(list), size);
        const parsed = JSON.parse(result.text);
        assert.deepEqual(
          [parsed.length, parsed[0], parsed[2]],
          [3, other, other].map((x) => JSON.parse(JSON.stringify(x))),
        );
        assert.equal(parsed[1].State, 'running');
        assert.deepEqual(result.shortened, [1]);
      },
    ),
    { numRuns: 12 },
  );
});

test('what is kept of one container is bounded, whatever it consists of', () => {
  const labels = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`${i}`, '\\"'.repeat(500)]));
  for (const one of [
    { Labels: labels },
    { Labels: { a: '\\'.repeat(2_000_000) } },
    { ['k'.repeat(2_000_000)]: 1 },
  ]) {
    const result = kept(JSON.stringify([one, 7]), 65_536);
    assert.ok(result.text.length < 400_000, `${result.text.length}`);
    assert.equal(JSON.parse(result.text)[1], 7);
  }
});
