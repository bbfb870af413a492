import { request as httpRequest } from 'node:http';
import { ReasonedError, reasonOf } from '../words/reasoned-error.ts';

/** The engine is unreachable, did not answer in time, or refused. The message says which, and what to do. */
export class EngineError extends ReasonedError {
  override readonly name = 'EngineError';
}

export interface EngineAddress {
  readonly socket: string;
  readonly timeoutSeconds: number;
}

interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Added to the deadline, for calls that take long by design. */
  readonly extraSeconds?: number;
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON; null for an empty answer; the text itself when it is not JSON. */
  readonly body: unknown;
  readonly path: string;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Makes one HTTP request over a Unix socket. The deadline covers the whole answer. Throws EngineError. */
export async function request(
  address: EngineAddress,
  { method, path, body, extraSeconds = 0 }: Request,
): Promise<Answer> {
  const seconds = address.timeoutSeconds + extraSeconds;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = httpRequest({
    socketPath: address.socket,
    method,
    path,
    headers: {
      host: 'docker',
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    },
    // AbortSignal.timeout() throws for a fraction, and 16.1 s are 16100.000000000002 ms.
    signal: AbortSignal.timeout(Math.ceil(seconds * 1000)),
  });
  outgoing.on('error', (error) => reject(explain(error, address, seconds, path)));
  outgoing.on('response', (incoming) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES)
        incoming.destroy(new EngineError({ code: 'engine-answer-too-long', path, bytes: MAX_BYTES }));
      else chunks.push(chunk);
    });
    incoming.on('error', (error) => reject(explain(error, address, seconds, path)));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      resolve({ status: incoming.statusCode ?? 0, body: text === '' ? null : jsonOr(text), path });
    });
  });
  outgoing.end(payload);
  return promise;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function explain(
  error: Error & { code?: string },
  { socket }: EngineAddress,
  seconds: number,
  path: string,
): EngineError {
  if (error instanceof EngineError) return error;
  if (error.name === 'TimeoutError' || error.code === 'ABORT_ERR') {
    return new EngineError({ code: 'engine-timeout', path, seconds });
  }
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
    return new EngineError({ code: 'engine-unreachable', socket });
  }
  if (error.code === 'EACCES') return new EngineError({ code: 'engine-no-permission', socket });
  return new EngineError({ code: 'engine-request-failed', path, error: reasonOf(error) });
}
