import { request as httpRequest } from 'node:http';
import { ReasonedError, reasonOf } from '../words/reasoned-error.ts';
import { type AnswerBody, ListBody, WholeBody } from './answer-body.ts';

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
  /** The answer lists containers, each of which is kept within bounds. */
  readonly isList?: boolean;
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON; null for an empty answer; the text itself when it is not JSON. */
  readonly body: unknown;
  readonly path: string;
  /** The positions of those listed of which something was left out. */
  readonly shortened: ReadonlySet<number>;
}

/**
 * Makes one HTTP request over a Unix socket. The deadline covers the whole answer, whatever the engine does with the
 * connection. Throws EngineError.
 */
export async function request(
  address: EngineAddress,
  { method, path, body, extraSeconds = 0, isList = false }: Request,
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
  // After an upgrade that was not asked for, Node tells of nothing else.
  outgoing.on('upgrade', ({ statusCode = 101 }, connection) => {
    connection.destroy();
    reject(new EngineError({ code: 'engine-refused', path, status: statusCode, message: '' }));
  });
  const closed = () => reject(new EngineError({ code: 'engine-closed', path }));
  outgoing.on('close', closed);
  outgoing.on('response', (incoming) => {
    outgoing.off('close', closed);
    incoming.on('close', closed);
    const whole: AnswerBody = isList ? new ListBody(path) : new WholeBody(path);
    incoming.on('data', (chunk: Buffer) => {
      try {
        whole.add(chunk);
      } catch (error) {
        incoming.destroy(new EngineError(reasonOf(error)));
      }
    });
    incoming.on('error', (error) => reject(explain(error, address, seconds, path)));
    incoming.on('end', () => {
      const { text, shortened } = whole.end();
      const body = text === '' ? null : jsonOr(text);
      resolve({ status: incoming.statusCode ?? 0, body, path, shortened });
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
