import { deflateSync, inflateSync } from 'node:zlib';

/** Higher levels cost about as much time again for a hundredth of the size. */
const LEVEL = 6;
/** The largest window of deflate. */
const WINDOW_BITS = 15;
const WINDOW_BYTES = 2 ** WINDOW_BITS;
/** Half of the default hash table: setting it up costs as much as compressing a short text, for the same size. */
const MEMORY_LEVEL = 7;
/** Bounds a crafted body; thousands of containers take a few megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Any plain value as JSON that `fromJson` restores, Maps, Sets and infinities included. */
export function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, encode));
}

/** Deflates a text to about a fifth; with a similar text as the dictionary, to a third of that. */
export function pack(json: Buffer, like: Buffer | null = null): Buffer {
  // Without a dictionary the window need not be larger than the text.
  const windowBits =
    like === null ? Math.min(WINDOW_BITS, Math.max(9, Math.ceil(Math.log2(json.length)))) : WINDOW_BITS;
  const options = { level: LEVEL, memLevel: MEMORY_LEVEL, windowBits };
  return deflateSync(json, { ...options, ...(like && { dictionary: like.subarray(-WINDOW_BYTES) }) });
}

/** Inflates what `pack` made with the same dictionary. Throws when it is damaged, too long, or has another one. */
export function unpack(body: unknown, like: Buffer | null = null): Buffer {
  if (!(body instanceof Uint8Array)) throw new TypeError('a packed value is bytes');
  return inflateSync(body, {
    maxOutputLength: MAX_BYTES,
    ...(like && { dictionary: like.subarray(-WINDOW_BYTES) }),
  });
}

/** The value that `toJson` was given. */
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
