import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const TIMEOUT_MS = 10_000;

/**
 * Sends one request; throws unless the answer is 2xx. Not `fetch`: the service runs without WebAssembly (--jitless).
 * Redirects are not followed, since the secret would go elsewhere. Errors do not name the path, which may be a secret.
 */
export function post(
  target: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  method: 'POST' | 'PUT' = 'POST',
): Promise<void> {
  const url = new URL(target);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = ask(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) }, (answer) => {
    const status = answer.statusCode ?? 0;
    // What it says is not needed.
    answer.destroy();
    if (status >= 200 && status < 300) resolve();
    else reject(new Error(`${url.host} answered ${status}`));
  });
  request.on('error', (error) => reject(new Error(`${url.host}: ${error.message}`)));
  request.end(body);
  return promise;
}
