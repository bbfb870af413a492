import { useEffect, useRef, useState } from 'preact/hooks';
import type { Answer, Path, Takes } from '../../daemon/src/show/api.ts';
import { inert } from './inert.ts';
import { beat, connection } from './live-updates.ts';

/** What the server said instead of an answer, in its own words; or that it could not be reached. */
export class AskError extends Error {
  override readonly name = 'AskError';
  /** 0: not reached. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function ask<P extends Path>(
  path: P,
  takes: Takes<P>,
  signal?: AbortSignal,
): Promise<Answer<P>> {
  const left = new URLSearchParams();
  let address: string = path;
  for (const [name, value] of Object.entries(takes)) {
    if (value === undefined || value === '') continue;
    if (address.includes(`{${name}}`))
      address = address.replace(`{${name}}`, encodeURIComponent(String(value)));
    else left.set(name, String(value));
  }
  if (left.size > 0) address += `?${left}`;
  let response: Response;
  try {
    response = await fetch(address, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new AskError(0, address);
  }
  const body = parse(await response.text()) ?? { error: response.statusText };
  if (!response.ok) throw new AskError(response.status, String(body.error ?? response.statusText));
  return body;
}

/** Every text in it inert, wherever it is shown. */
function parse(json: string) {
  try {
    return JSON.parse(json, (_, value) => (typeof value === 'string' ? inert(value) : value));
  } catch {
    return null;
  }
}

export interface Answered<T> {
  /** The newest answer; stays while a newer one is asked for, or cannot be had. */
  readonly data: T | null;
  readonly error: AskError | null;
}

/** Answers that were there before whoever needs them: each is used once. */
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
 * An answer that follows the daemon: asked for again with each new cycle, and when a lost connection is back.
 * `rhythm` replaces the cycle with something else that changes.
 */
export function useAnswer<P extends Path>(
  path: P,
  takes: Takes<P> | null,
  rhythm: unknown = beat.value,
): Answered<Answer<P>> {
  const question = takes === null ? null : `${path} ${JSON.stringify(takes)}`;
  const [held, hold] = useState<Answered<Answer<P>> & { path: string }>(() => ({
    path,
    data: takePrimed(path),
    error: null,
  }));
  // What has just come need not be asked for again.
  const isFresh = useRef(held.data !== null);
  const isLost = connection.value === 'lost';
  useEffect(() => {
    if (takes === null || isFresh.current) {
      isFresh.current = false;
      return;
    }
    const gone = new AbortController();
    ask(path, takes, gone.signal).then(
      (data) => gone.signal.aborted || hold({ path, data, error: null }),
      (error: unknown) => {
        if (gone.signal.aborted) return;
        const known = error instanceof AskError ? error : new AskError(0, String(error));
        hold((old) => ({ path, data: old.path === path ? old.data : null, error: known }));
      },
    );
    return () => gone.abort();
  }, [question, rhythm, isLost]);
  return held;
}
