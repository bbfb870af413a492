import { createServer, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Stands between the daemon and its engine, and answers the method that it was told of with an error: the engine never
 * hears of it. A thread of its own, since the test waits for programs and would keep every answer waiting.
 */
const { socket, engine } = workerData as { socket: string; engine: string };
let refused = '';
parentPort?.on('message', (method: string) => {
  refused = method;
});

createServer((incoming, answer) => {
  const { method = '', url = '', headers } = incoming;
  if (method === refused) {
    answer
      .writeHead(500, { 'content-type': 'application/json' })
      .end('{"message":"driver failed to remove root filesystem"}');
    return;
  }
  const onward = request({ socketPath: engine, method, path: url, headers }, (answered) => {
    answer.writeHead(answered.statusCode ?? 500, answered.headers);
    answered.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  incoming.pipe(onward);
}).listen(socket);
