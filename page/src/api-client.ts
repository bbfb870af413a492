import { useEffect, useRef, useState } from 'preact/hooks';
import type { Answer, Path, Takes } from '../../daemon/src/show/api.ts';
import { escapeInvisible } from './escape-invisible.ts';
import { connection, cycleCount } from './live-updates.ts';

/** A request failed. The message is the server's own, or the address when the server could not be reached. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** HTTP status; 0 when the server could not be reached. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Asks the server's API. `params` fill the path's placeholders, the others become the query. Throws RequestError. */
export async function request<P extends Path>(
  path: P,
  params: Takes<P>,
  signal?: AbortSignal,
): Promise<Answer<P>> {
  const search = new URLSearchParams();
  let address: string = path;
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === '') continue;
    if (address.includes(`{${name}}`))
      address = address.replace(`{${name}}`, encodeURIComponent(String(value)));
    else search.set(name, String(value));
  }
  if (search.size > 0) address += `?${search}`;
  let response: Response;
  try {
    response = await fetch(address, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestError(0, address);
  }
  const body = parse(await response.text()) ?? { error: response.statusText };
  if (!response.ok) throw new RequestError(response.status, String(body.error ?? response.statusText));
  return body;
}

/** Parses JSON with invisible characters escaped in every string; null when it is not JSON. */
function parse(json: string) {
  try {
    return JSON.parse(json, (_, value) => (typeof value === 'string' ? escapeInvisible(value) : value));
  } catch {
    return null;
  }
}

export interface Answered<T> {
  /** The newest answer, kept while a newer one is requested or cannot be had. */
  readonly data: T | null;
  readonly error: RequestError | null;
}

/** Answers that were requested before the component that needs them exists. Each is used once. */
const primed = new Map<Path, unknown>();

export function prime<P extends Path>(path: P, answer: Answer<P>): void {
  primed.set(path, answer);
}

function takePrimed<P extends Path>(path: P): Answer<P> | null {
  const answer = primed.get(path) as Answer<P> | undefined;
  primed.delete(path);
  return answer ?? null;
}

/**
 * An answer that stays up to date: it is requested again whenever `refreshKey` changes (by default, with each new
 * cycle), and when a lost connection is back. Without `params` nothing is requested.
 */
export function useAnswer<P extends Path>(
  path: P,
  params: Takes<P> | null,
  refreshKey: unknown = cycleCount.value,
): Answered<Answer<P>> {
  const key = params === null ? null : `${path} ${JSON.stringify(params)}`;
  const [state, setState] = useState<Answered<Answer<P>> & { path: string }>(() => ({
    path,
    data: takePrimed(path),
    error: null,
  }));
  // A primed answer is new enough: the first request is skipped.
  const isPrimed = useRef(state.data !== null);
  const isLost = connection.value === 'lost';
  useEffect(() => {
    if (params === null || isPrimed.current) {
      isPrimed.current = false;
      return;
    }
    const controller = new AbortController();
    request(path, params, controller.signal).then(
      (data) => controller.signal.aborted || setState({ path, data, error: null }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const known = error instanceof RequestError ? error : new RequestError(0, String(error));
        setState((old) => ({ path, data: old.path === path ? old.data : null, error: known }));
      },
    );
    return () => controller.abort();
  }, [key, refreshKey, isLost]);
  return state;
}
