import { createServer, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * A proxy between the daemon and its engine. It answers some calls with an error and forwards the others. It runs in its
 * own thread, because the test waits for programs synchronously and would delay every answer.
 */
const { socket, engine } = workerData as { socket: string; engine: string };
let refused: RegExp | null = null;
parentPort?.on('message', (pattern: string) => {
  refused = pattern === '' ? null : new RegExp(pattern);
});

createServer((incoming, answer) => {
  const { method = '', url = '', headers } = incoming;
  if (refused?.test(`${method} ${url}`)) {
    answer
      .writeHead(500, { 'content-type': 'application/json' })
      .end('{"message":"driver failed to remove root filesystem"}');
    return;
  }
  const forwarded = request({ socketPath: engine, method, path: url, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(answer);
  });
  forwarded.on('error', () => answer.destroy());
  incoming.pipe(forwarded);
}).listen(socket);
