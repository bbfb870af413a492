import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bytesPerSecondOf,
  isOurMemoryHigh,
  memoryHighOf,
  ourMibPerSecond,
  PAGE_BYTES,
  pidsBefore,
  pidsMaxOf,
} from '../../daemon/src/engine/limit-patterns.ts';

const MIB = 1024 ** 2;
const page = fc.constantFrom(4096, 16_384, 65_536);

test('a memory limit of ours is recognised after the kernel has rounded it to pages, and is never too low', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 }), page, (kb, bytesOfPage) => {
      const high = memoryHighOf(kb, bytesOfPage);
      assert.equal(high % bytesOfPage, 0, 'the kernel stores it as it is');
      assert.ok(isOurMemoryHigh(high, bytesOfPage));
      assert.ok(high >= kb * 1024 && high < kb * 1024 + 2 * MIB);
      // The limit that is set again after it was read is the same limit.
      assert.equal(memoryHighOf(high / 1024, bytesOfPage), high);
    }),
  );
});

test('a memory limit of somebody else is not ours: round numbers, and all but one page in a MiB', () => {
  const round = fc.tuple(
    fc.integer({ min: 1, max: 10 ** 6 }),
    fc.constantFrom(MIB / 8, MIB / 4, MIB / 2, MIB, 1024 * MIB),
  );
  fc.assert(
    fc.property(round, page, ([n, unit], bytesOfPage) => {
      const stored = Math.floor((n * unit) / bytesOfPage) * bytesOfPage;
      assert.equal(isOurMemoryHigh(stored, bytesOfPage), false);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 28 }), (pages) => {
      assert.equal(isOurMemoryHigh(pages * 4096, 4096), pages % 256 === 17);
    }),
  );
});

test('a limit on processes is recognised, leaves room and is not above what the kernel allows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3_999_977 }),
      fc.constantFrom('max', 'default'),
      (processes, before) => {
        const limit = pidsMaxOf(processes, before) ?? Number.NaN;
        assert.equal(pidsBefore(limit), before);
        assert.ok(limit >= processes && limit < processes + 1978 && limit <= 4_000_000);
        assert.equal(pidsMaxOf(limit, before), limit);
      },
    ),
  );
  assert.deepEqual(
    [pidsMaxOf(0), pidsMaxOf(977), pidsMaxOf(978), pidsMaxOf(4_000_000)],
    [977, 977, 1977, null],
  );
  // The defaults of systemd (15 %), Podman, Docker's examples, and powers of two.
  for (const others of [4915, 18_959, 2048, 100, 1024, 32_768, 1000, 9830])
    assert.equal(pidsBefore(others), null);
});

test('a limit on I/O is recognised; multiples of 1 kB, 1 KiB and 512 bytes are not', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 10 ** 6, noNaN: true }), (mibPerSecond) => {
      assert.equal(ourMibPerSecond(bytesPerSecondOf(mibPerSecond)), Math.max(1, Math.ceil(mibPerSecond)));
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.constantFrom(512, 1000, 1024), (n, unit) => {
      assert.equal(ourMibPerSecond(n * unit), null);
    }),
  );
  assert.equal(ourMibPerSecond(4711), null);
});

test('the size of a page is that of this machine', () => {
  assert.ok([4096, 16_384, 65_536].includes(PAGE_BYTES));
});
