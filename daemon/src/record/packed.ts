import { deflateSync, inflateSync } from 'node:zlib';

/** Beyond it each level costs as much time again for a hundredth of the size. */
const LEVEL = 6;
/** As far back as deflate looks. */
const WINDOW_BITS = 15;
const WINDOW_BYTES = 2 ** WINDOW_BITS;
/** To begin costs as much as a short text does: a table of half the size finds the same in it. */
const MEMORY_LEVEL = 7;
/** Thousands of containers take a few megabytes; a kilobyte made to swell must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Any plain value as JSON that `unpack` gives back as it was: Maps, Sets and infinities included. */
export function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, encode));
}

/** Deflated: a fifth of the size, and readable anywhere. Beside a text that is much like it, a third of that. */
export function pack(json: Buffer, like: Buffer | null = null): Buffer {
  // No window needs to be larger than the text; beside another one it is that as well.
  const windowBits =
    like === null ? Math.min(WINDOW_BITS, Math.max(9, Math.ceil(Math.log2(json.length)))) : WINDOW_BITS;
  const options = { level: LEVEL, memLevel: MEMORY_LEVEL, windowBits };
  return deflateSync(json, { ...options, ...(like && { dictionary: like.subarray(-WINDOW_BYTES) }) });
}

/** The JSON that was packed beside the same text. Throws when it is damaged or too long, or the text is another one. */
export function unpack(body: unknown, like: Buffer | null = null): Buffer {
  if (!(body instanceof Uint8Array)) throw new TypeError('a packed value is bytes');
  return inflateSync(body, {
    maxOutputLength: MAX_BYTES,
    ...(like && { dictionary: like.subarray(-WINDOW_BYTES) }),
  });
}

/** What `toJson` made it of. */
export function fromJson(json: Buffer): unknown {
  return JSON.parse(json.toString('utf8'), decode);
}

function encode(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
  return value;
}

function decode(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$map' in value && Array.isArray(value.$map)) return new Map(value.$map);
  if ('$set' in value && Array.isArray(value.$set)) return new Set(value.$set);
  if ('$number' in value && typeof value.$number === 'string') return Number(value.$number);
  return value;
}
