import { EngineError } from '../engine/unix-http.ts';

/**
 * What `work` resolves to; rejects as soon as `urgent` aborts, and then `work` is not awaited any more. It is not begun
 * when `urgent` has aborted already.
 */
export async function unlessUrgent<T>(work: () => Promise<T>, urgent: AbortSignal | undefined): Promise<T> {
  if (urgent === undefined) return work();
  if (urgent.aborted) throw new EngineError({ code: 'engine-not-awaited' });
  const { promise, reject } = Promise.withResolvers<never>();
  const give = () => reject(new EngineError({ code: 'engine-not-awaited' }));
  urgent.addEventListener('abort', give, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    urgent.removeEventListener('abort', give);
  }
}
