import fc from 'fast-check';

/** Fixed, so that runs are repeatable; VIGIA_FUZZ_SEED sets another seed. */
export const SEED = Number(process.env['VIGIA_FUZZ_SEED'] ?? 20_261_125);

const HUGE = ['1e999', '-1e999', '1e308', '18446744073709551616', '-1', '0.5', '9'.repeat(400), '1e-999'];
const TOKENS = ['null', 'true', '{}', '[]', '""', '"\\u0000"', '"__proto__"', '\u001b]0;x\u0007', '\ufeff'];

/**
 * Texts as a broken disk, an attacker or a newer version would leave them: one to four changes to a real one. `pieces`
 * are texts that are difficult for this kind of reader.
 */
export function mutated(samples: readonly string[], pieces: readonly string[]): fc.Arbitrary<Buffer> {
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const change: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc.oneof(
    fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([at, bits]) => (bytes: Buffer): Buffer => {
      const flipped = Buffer.from(bytes);
      const i = Math.floor(at * flipped.length);
      if (i < flipped.length) flipped[i] = (flipped[i] ?? 0) ^ bits;
      return flipped;
    }),
    place.map((at) => (bytes: Buffer) => bytes.subarray(0, at * bytes.length)),
    fc.tuple(place, place, place).map(([from, to, at]) => (bytes: Buffer): Buffer => {
      const piece = bytes.subarray(Math.min(from, to) * bytes.length, Math.max(from, to) * bytes.length);
      return insert(bytes, at, piece.subarray(0, 4096), 0);
    }),
    // Replaces the next number, or one character where there is none.
    fc.tuple(place, fc.constantFrom(...HUGE, ...TOKENS)).map(([at, text]) => (bytes: Buffer): Buffer => {
      const digits = /\d+(?:\.\d+)?/g;
      const source = bytes.toString('latin1');
      digits.lastIndex = Math.floor(at * source.length);
      const found = digits.exec(source);
      if (found === null) return insert(bytes, at, Buffer.from(text), 1);
      return insert(bytes, found.index / bytes.length, Buffer.from(text), found[0].length);
    }),
    fc.tuple(place, fc.constantFrom(...TOKENS, ...pieces), fc.integer({ min: 0, max: 4 })).map(
      ([at, text, removed]) =>
        (bytes: Buffer) =>
          insert(bytes, at, Buffer.from(text), removed),
    ),
  );
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([sample, changes]) => changes.reduce<Buffer>((bytes, apply) => apply(bytes), Buffer.from(sample)));
}

function insert(bytes: Buffer, at: number, piece: Buffer, removed: number): Buffer {
  const i = Math.round(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, i), piece, bytes.subarray(i + removed)]);
}
